import type { Key } from "ink";
import { isCut, keyOf } from "./asked.ts";
import type { Board } from "./board.ts";
import { Reading, type ShownCall } from "./reading.ts";

/** What a line is typed for. */
type Asking = "answer" | "note" | "cancel";

/** The line that is being typed, if any, and how many lines of the pane are scrolled past. */
export interface Entry {
  readonly asking: Asking | null;
  readonly text: string;
  readonly scroll: number;
  /** The first row that is seen of what is asked, while that has the whole screen. */
  readonly top: number | null;
}

/** What a picture shows of what is asked. */
export interface ShownAsked {
  /** All that is asked, and how much of it a page has. */
  readonly rows: number;
  readonly page: number;
  readonly call: ShownCall | null;
}

/** The keys as the foot shows them, the most needed first; `s` allows for the rest of the session. */
export const KEYS =
  "↑↓ select  tab next  a answer  y s n decide  m note  r retry  c cancel  d diff  q quit  space read  f flag seen  PgUp PgDn scroll";

/** The keys while what is asked has the whole screen. */
export const READING_KEYS = "space next  b back  y once  s session  n deny  a answer  q back to the tasks";

/** What stands before the line that is typed. */
export const PROMPTS: Record<Asking, string> = {
  answer: "Answer: ",
  note: "Note: ",
  cancel: "Cancel this task? Type yes: ",
};

const NOTHING_TYPED: Entry = { asking: null, text: "", scroll: 0, top: null };

const NOTHING_SHOWN: ShownAsked = { rows: 0, page: 0, call: null };

/** Turns keys into what the board does. It keeps its own state, so that keys that come faster than pictures all count. */
export class Controls {
  readonly #board: Board;
  readonly #leave: () => void;
  readonly #listeners = new Set<() => void>();
  readonly #reading = new Reading();
  #entry = NOTHING_TYPED;
  #shown: ShownAsked = NOTHING_SHOWN;

  constructor(board: Board, leave: () => void) {
    this.#board = board;
    this.#leave = leave;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly entry = (): Entry => this.#entry;

  /** What the next picture shows of what is asked. */
  show(shown: ShownAsked): void {
    this.#shown = shown;
  }

  /** The picture that was last shown is on the screen. */
  drawn(): void {
    if (this.#shown.call) this.#reading.drawn(this.#shown.call);
    if (this.#shown.rows === 0 && this.#entry.top !== null) this.#set({ ...this.#entry, top: null });
  }

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
    if (key.escape) return this.#set({ ...NOTHING_TYPED, top: this.#entry.top });
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
    if (this.#entry.top !== null && this.#read(input, key, this.#entry.top)) return;
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

  /** Moves in what is asked; false for keys that mean there what they mean elsewhere. */
  #read(input: string, key: Key, top: number): boolean {
    const { rows, page } = this.#shown;
    if (key.escape || input === "q") this.#set({ ...this.#entry, top: null });
    else if (key.pageDown || input === " ") this.#open(top + page);
    else if (key.pageUp || input === "b") this.#open(top - page);
    else if (key.downArrow || input === "j") this.#open(top + 1);
    else if (key.upArrow || input === "k") this.#open(top - 1);
    else if (key.home || input === "g") this.#open(0);
    else if (key.end || input === "G") this.#open(rows);
    else return false;
    return true;
  }

  /** What is asked on the whole screen, from this row on. */
  #open(top: number): void {
    const { rows, page } = this.#shown;
    if (rows === 0) return this.#board.refuse("Nothing waits for you here.");
    this.#set({ ...this.#entry, top: Math.max(0, Math.min(top, rows - page)) });
  }

  /** A call is allowed only when all of it has stood on the screen: what is left to read is shown instead. */
  #allow(grant: "once" | "session"): void {
    const { call } = this.#board;
    if (call !== null && isCut(call))
      return this.#board.refuse(`Only its beginning is kept, so y cannot: dispatch approve ${call.id}`);
    if (call !== null && !this.#reading.isWhole(keyOf(call))) {
      this.#open(this.#entry.top === null ? 0 : this.#reading.next(keyOf(call)));
      return this.#board.refuse("Not allowed yet: read it to the end (space), then press the key again.");
    }
    this.#set({ ...this.#entry, top: null });
    void this.#board.decide(call, { verdict: "allow", grant });
  }

  #deny(): void {
    const { call } = this.#board;
    this.#set({ ...this.#entry, top: null });
    void this.#board.decide(call, { verdict: "deny", grant: "once" });
  }

  #letter(letter: string): void {
    switch (letter) {
      case " ":
        return this.#open(0);
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
        return this.#allow("once");
      case "s":
        return this.#allow("session");
      case "n":
        return this.#deny();
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
