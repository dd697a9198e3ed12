import type { Key } from "ink";
import type { Board } from "./board.ts";

/** What a line is typed for. */
type Asking = "answer" | "note" | "cancel";

/** The line that is being typed, if any, and how many lines of the pane are scrolled past. */
export interface Entry {
  readonly asking: Asking | null;
  readonly text: string;
  readonly scroll: number;
}

/** The keys as the foot shows them, the most needed first; `s` allows for the rest of the session. */
export const KEYS =
  "↑↓ select  tab next  a answer  y s n decide  m note  r retry  c cancel  d diff  q quit  f flag seen  PgUp PgDn scroll";

/** What stands before the line that is typed. */
export const PROMPTS: Record<Asking, string> = {
  answer: "Answer: ",
  note: "Note: ",
  cancel: "Cancel this task? Type yes: ",
};

const NOTHING_TYPED: Entry = { asking: null, text: "", scroll: 0 };

/** Turns keys into what the board does. It keeps its own state, so that keys that come faster than pictures all count. */
export class Controls {
  readonly #board: Board;
  readonly #leave: () => void;
  readonly #listeners = new Set<() => void>();
  #entry = NOTHING_TYPED;

  constructor(board: Board, leave: () => void) {
    this.#board = board;
    this.#leave = leave;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly entry = (): Entry => this.#entry;

  /**
   * Takes what a terminal sends at once: one key, or several that were typed or pasted together.
   * @param page rows that a page key scrolls by
   */
  press(input: string, key: Key, page: number): void {
    if (key.ctrl && input === "c") return this.#leave();
    this.#board.quiet();
    if (this.#entry.asking !== null) return this.#type(input, key);
    this.#command(input.slice(0, 1), key, page);
    if (input.length > 1) this.press(input.slice(1), key, page);
  }

  #type(input: string, key: Key): void {
    const { text } = this.#entry;
    if (key.escape) return this.#set(NOTHING_TYPED);
    if (key.return) return this.#submit();
    if (key.backspace || key.delete) return this.#set({ ...this.#entry, text: withoutLast(text) });
    if (key.ctrl && input === "u") return this.#set({ ...this.#entry, text: "" });
    if (key.ctrl || key.meta) return;
    const isSent = input.endsWith("\r");
    this.#set({ ...this.#entry, text: typed(text, isSent ? input.slice(0, -1) : input) });
    if (isSent) this.#submit();
  }

  #submit(): void {
    const { asking, text } = this.#entry;
    this.#set(NOTHING_TYPED);
    if (text.trim() === "") return;
    if (asking === "answer") void this.#board.answer(text);
    else if (asking === "note") void this.#board.note(text);
    else if (text.trim().toLowerCase() === "yes") void this.#board.cancel();
  }

  #command(input: string, key: Key, page: number): void {
    if (key.pageUp) return this.#scroll(page);
    if (key.pageDown) return this.#scroll(-page);
    if (key.upArrow) return this.#move(-1);
    if (key.downArrow) return this.#move(1);
    if (key.tab) {
      this.#set(NOTHING_TYPED);
      return this.#board.nextWaiting();
    }
    this.#letter(input);
  }

  #letter(letter: string): void {
    switch (letter) {
      case "q":
        return this.#leave();
      case "j":
      case "k":
        return this.#move(letter === "k" ? -1 : 1);
      case "a":
        return this.#ask("answer");
      case "m":
        return this.#ask("note");
      case "c":
        return this.#ask("cancel");
      case "y":
        return void this.#board.decide("allow");
      case "s":
        return void this.#board.decide("allow", "session");
      case "n":
        return void this.#board.decide("deny");
      case "f":
        return void this.#board.seeFlags();
      case "r":
        return void this.#board.retry();
      case "d":
        return void this.#board.togglePane();
    }
  }

  #ask(asking: Asking): void {
    this.#set({ ...this.#entry, asking, text: "" });
  }

  #move(by: number): void {
    this.#set(NOTHING_TYPED);
    this.#board.move(by);
  }

  #scroll(by: number): void {
    this.#set({ ...this.#entry, scroll: Math.max(0, this.#entry.scroll + by) });
  }

  #set(entry: Entry): void {
    this.#entry = entry;
    for (const listener of this.#listeners) listener();
  }
}

function withoutLast(text: string): string {
  const segments = [...new Intl.Segmenter().segment(text)];
  return text.slice(0, segments.at(-1)?.index ?? 0);
}

/** A text with what is typed after it: a backspace takes, and what is pasted is one line without control characters. */
function typed(text: string, input: string): string {
  return [...new Intl.Segmenter().segment(input)].reduce((before, { segment }) => {
    if (segment === "\u007f" || segment === "\b") return withoutLast(before);
    // oxlint-disable-next-line no-control-regex
    return before + segment.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  }, text);
}
