/** The keys that mean something; all others are nothing or text. */
export type Key = "enter" | "backspace" | "kill" | "escape" | "interrupt";

interface Typist {
  /** Characters, or pasted text as one piece. */
  typed(text: string): void;
  pressed(key: Key): void;
}

const ESCAPE = "\x1b";
const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";
const KEYS: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\x7f": "backspace",
  "\x15": "kill",
  [ESCAPE]: "escape",
  "\x03": "interrupt",
};
/** A key, a report of the terminal, or the beginning of one that is still on its way. */
const SEQUENCE = /^\p{Cc}(?:\[[\d;?<]*[ -/]*[@-~]|O[@-~]|P\P{Cc}*\p{Cc}\\)/u;
const BEGUN = /^\p{Cc}(?:\[[\d;?<]*|O|P\P{Cc}*\p{Cc}?)$/u;
const PLAIN = /^\P{Cc}+/u;

/** What a terminal sends to a program that reads it raw, made into keys and text. */
export class Keyboard {
  readonly #typist: Typist;
  readonly #decoder = new TextDecoder();
  #unread = "";

  constructor(typist: Typist) {
    this.#typist = typist;
  }

  read(bytes: Uint8Array): void {
    this.#unread += this.#decoder.decode(bytes, { stream: true });
    while (this.#unread !== "" && this.#readOne());
  }

  /** False when the rest of what was begun is still on its way. */
  #readOne(): boolean {
    const text = this.#unread;
    if (text.startsWith(PASTE_BEGINS)) return this.#readPaste(text);
    if (text.startsWith(ESCAPE)) {
      const sequence = SEQUENCE.exec(text)?.[0];
      if (sequence !== undefined) return this.#taken(sequence.length);
      if (BEGUN.test(text)) return false;
    }
    const key = KEYS[text[0]!];
    if (key !== undefined) {
      this.#taken(1);
      this.#typist.pressed(key);
      return true;
    }
    const plain = PLAIN.exec(text)?.[0] ?? text[0]!;
    this.#taken(plain.length);
    if (plain >= " " || plain === "\n") this.#typist.typed(plain);
    return true;
  }

  #readPaste(text: string): boolean {
    const end = text.indexOf(PASTE_ENDS, PASTE_BEGINS.length);
    if (end < 0) return false;
    this.#taken(end + PASTE_ENDS.length);
    this.#typist.typed(text.slice(PASTE_BEGINS.length, end).replaceAll(/\r\n?/g, "\n"));
    return true;
  }

  #taken(length: number): true {
    this.#unread = this.#unread.slice(length);
    return true;
  }
}
