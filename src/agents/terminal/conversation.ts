import type { TerminalRow } from "../agent-row.ts";
import type { AgentTerminal, Conversation, PromptSigns, TerminalScreen, Turn } from "../driver.ts";
import type { Activity } from "./activity.ts";
import { isProgramInFront } from "./foreground.ts";
import { promptLine, saysBusy, saysOpened, type PromptLine } from "./prompt-line.ts";
import type { Pulse } from "./pulse.ts";
import { typable } from "./typable.ts";

/** The id of a conversation that its product has not named, and perhaps never will. */
const UNNAMED = "unnamed";
/** What ends the line that is being typed, what empties it, and what stands around pasted text (xterm's bracketed paste). */
const ENTER = "\r";
const KILL_LINE = "\x15";
const PASTE = { begin: "\x1b[200~", end: "\x1b[201~" };
/** How long a prompt is to be seen empty and unchanged, and since the last key of a person, before it is typed at, in milliseconds. */
const STILL_MS = 100;
const TYPING_MS = 1_000;
/**
 * How long a screen is to be unchanged before a turn counts as over by the look of it: where a key was pressed that may
 * have ended it, and anywhere else, for a hook that never came.
 */
const QUIET_MS = 700;
const LONG_QUIET_MS = 10_000;
/** After which a prompt counts as that of an open conversation, where the program does not say so: it may ask before. */
const OPENING_MS = 3_000;
/** What a program gets to show what was pasted, and then to say that it took it. */
const SHOWN_MS = 30_000;
const TAKEN_MS = 30_000;
/** After which no prompt means that something is asked: before, the hook of a turn that begins may be on its way. */
const HOOK_MS = 2_000;
/** How long a person's keys are held back at the most, so that none comes in between. */
const HOLD_MS = 3_000;
/** After which Enter is pressed again where the text still stands in the line: drawn anew since, or not at all. */
const ENTER_AGAIN_MS = 2_000;
const ENTER_LOST_MS = 10_000;
/** Which program has a terminal is no event: it is looked for so often, in milliseconds. */
const LOOK_AGAIN_MS = 2_000;
/** Lines of a draft that are emptied. */
const MAX_KILLS = 50;
const KILL_MS = 300;
/** The most of the screen's end that is told of a program that ended by itself, in rows. */
const LAST_ROWS = 8;

export interface TerminalConversationOptions {
  readonly row: TerminalRow;
  readonly id: string | null;
  readonly resumed: boolean;
}

/** What keeps a terminal from being typed at. */
type Obstacle = "gone" | "turn" | "typing" | "moving" | Exclude<keyof typeof STUCK, "answer">;

/**
 * What a person is told of what does not pass, and after how long, in milliseconds. `answer`: a program may ask
 * something before it takes what was typed.
 */
const STUCK = {
  dialogue: { afterMs: 5_000, about: "a message waits for it, and its screen shows no prompt to type at" },
  answer: { afterMs: 5_000, about: "a message was typed, and its screen asks something before it takes it" },
  shell: { afterMs: 3_000, about: "a message waits for it, and a shell stands in its terminal" },
  draft: { afterMs: 30_000, about: "a message waits for it, and something is being typed there" },
} as const;

/**
 * What is said to an interactive program, by pasting it where a person would type: only at the program's own empty
 * prompt, in no turn and into nobody's draft.
 */
export class TerminalConversation implements Conversation {
  readonly id: string;
  readonly resumable: boolean;
  readonly resumed: boolean;
  readonly forkable = false;
  readonly models = [];
  readonly waits = true;
  readonly closed: Promise<{ exitCode: number | null; message: string }>;
  readonly #terminal: AgentTerminal;
  readonly #row: TerminalRow;
  readonly #activity: Activity;
  /** Beats with the activity, and with what is drawn and typed. */
  readonly #pulse: Pulse;
  #isGone = false;
  #isCancelled = false;
  /** Since when a prompt is to be seen, while the program has not opened its conversation. */
  #promptAt: number | null = null;
  #isOpened = false;
  #drawnAt = 0;
  #typedAt = 0;
  /** A person, or a cancel, may have ended the turn without a hook that says so. */
  #mayHaveEnded = false;
  #quiet: NodeJS.Timeout | undefined;

  constructor(
    terminal: AgentTerminal,
    activity: Activity,
    { row, id, resumed }: TerminalConversationOptions,
  ) {
    this.#terminal = terminal;
    this.#row = row;
    this.#activity = activity;
    this.#pulse = activity.changed;
    this.id = id ?? UNNAMED;
    this.resumed = resumed;
    this.resumable = resumed; // a new one once it has a turn
    this.closed = this.#outlive();
    terminal.drawn(() => this.#drawn());
    terminal.typed(() => this.#typed());
  }

  async prompt(message: string, signs?: PromptSigns): Promise<Turn> {
    const text = typable(message);
    this.#isCancelled = false;
    const isFree = await this.#free(text);
    if (this.#isGone) throw new Error("the program in the terminal has ended");
    if (!isFree || signs?.telling() === false) return { end: "cancelled" };
    const ended = this.#activity.expect(text, () => signs?.taken());
    try {
      const doubt = await this.#deliver(text);
      if (this.#isGone) throw new Error("the program in the terminal has ended");
      return doubt === null ? await this.#orGone(ended) : { end: "error", uncertain: true, message: doubt };
    } finally {
      this.#activity.settle();
    }
  }

  /** Ends the turn that runs, whoever began it, and empties the line where the program puts its prompt back. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    this.#pulse.beat();
    while (this.#activity.isExpecting && !this.#isGone) await this.#pulse.next();
    if (this.#activity.state !== "busy") return;
    await this.#terminal.write(this.#row.interrupt);
    this.#mayHaveEnd();
    while (this.#activity.state === "busy" && !this.#isGone) await this.#pulse.next();
    await this.#empty(Date.now());
  }

  async close(): Promise<void> {
    this.#terminal.close();
  }

  /** Waits until the text can be typed. False when it is cancelled before. */
  async #free(text: string): Promise<boolean> {
    const since = Date.now();
    try {
      for (;;) {
        if (this.#isGone || this.#isCancelled) return false;
        const obstacle = this.#obstacle(text) ?? this.#stranger();
        if (obstacle === null) return true;
        await this.#pulse.next(this.#tellOf(obstacle, since));
      }
    } finally {
      this.#activity.standStill(null);
    }
  }

  #obstacle(text: string): Obstacle | null {
    const { state, need } = this.#activity;
    if (this.#isGone) return "gone";
    if (need !== null && need !== "terminal") return "dialogue";
    if (state === "busy") return "turn";
    const screen = this.#terminal.screen();
    const line = promptLine(screen, this.#row.prompt);
    if (line === "written") return "draft";
    if (line === "none") this.#promptAt = null;
    if (line === "none" || !this.#takesPastes(text)) return "dialogue";
    if (this.#row.hooks === null ? saysBusy(screen, this.#row.prompt) : this.#isUnproven) return "dialogue";
    if (Date.now() - this.#typedAt < TYPING_MS) return "typing";
    if (this.#isOpening(screen)) return "moving";
    return Date.now() - this.#drawnAt < STILL_MS ? "moving" : null;
  }

  /** True where the screen is what tells that a turn is over: of a product that says below its prompt when one runs, or of one without hooks. */
  get #showsTurns(): boolean {
    return this.#row.hooks === null || this.#row.prompt.busy !== null;
  }

  /** True while the product's hooks have not said that it is at its prompt, where they do so at its start. */
  get #isUnproven(): boolean {
    return this.#row.hooks?.atStart === true && this.#activity.state === "unknown";
  }

  /** True while the program may still ask something before its first prompt (Codex: if it may trust the folder). */
  #isOpening(screen: TerminalScreen): boolean {
    this.#promptAt ??= Date.now();
    this.#isOpened ||= saysOpened(screen, this.#row.prompt) || Date.now() - this.#promptAt >= OPENING_MS;
    return !this.#isOpened;
  }

  #stranger(): Obstacle | null {
    return isProgramInFront(this.#terminal.pid) ? null : "shell";
  }

  /** A program that takes no pasted text would take each line for itself. */
  #takesPastes(text: string): boolean {
    const { bracketedPaste } = this.#terminal.screen();
    return bracketedPaste || (this.#row.hooks === null && !text.includes("\n"));
  }

  /** Has a person told of what stays in the way. @returns after how many milliseconds to look again, if nothing happens */
  #tellOf(obstacle: Obstacle | "answer", since: number): number | undefined {
    switch (obstacle) {
      case "moving":
        return STILL_MS;
      case "typing":
        return TYPING_MS;
      case "turn":
      case "gone":
        this.#activity.standStill(null);
        return undefined;
      case "dialogue":
      case "answer":
      case "shell":
      case "draft": {
        const { afterMs, about } = STUCK[obstacle];
        const left = afterMs - (Date.now() - since);
        if (left <= 0) this.#activity.standStill(about);
        return left > 0 ? left : LOOK_AGAIN_MS;
      }
    }
  }

  /** Types the text, and Enter once it is seen to be taken. @returns why nobody knows if it is a prompt now, or null */
  async #deliver(text: string): Promise<string | null> {
    const release = this.#terminal.hold();
    const late = setTimeout(release, HOLD_MS);
    try {
      const { bracketedPaste } = this.#terminal.screen();
      await this.#terminal.write(bracketedPaste ? `${PASTE.begin}${text}${PASTE.end}` : text);
      if (!(await this.#showsWritten())) return "what was typed is not to be seen in its terminal";
      await this.#terminal.write(ENTER);
    } finally {
      clearTimeout(late);
      release();
    }
    const isTaken = this.#row.hooks === null ? await this.#seenTaken() : await this.#saidTaken();
    return isTaken ? null : "the agent did not say that it took it";
  }

  /**
   * Its hook says that it took the prompt, before it does anything with it. It has its time while it is at its prompt: a
   * turn of its person's comes before, and so does what it asks them.
   */
  async #saidTaken(): Promise<boolean> {
    let begin = Date.now();
    let entered = begin;
    while (!this.#activity.isTaken && !this.#isGone && Date.now() - begin < TAKEN_MS) {
      await this.#pulse.next(ENTER_AGAIN_MS);
      if (this.#activity.isTaken || this.#isGone) break;
      if (this.#activity.state === "busy") begin = Date.now();
      else if (this.#line === "none") {
        if (!(await this.#promptBack())) break;
        begin = Date.now();
      } else if (this.#isEnterLost(entered)) {
        entered = Date.now();
        await this.#terminal.write(ENTER);
      }
    }
    return this.#activity.isTaken;
  }

  /** Waits while no prompt is to be seen, and has a person told. False when it is cancelled meanwhile. */
  async #promptBack(): Promise<boolean> {
    const since = Date.now();
    try {
      while (!this.#activity.isTaken && !this.#isGone && this.#line === "none") {
        const left = this.#isCancelled ? since + HOOK_MS - Date.now() : null;
        if (left !== null && left <= 0) return false;
        await this.#pulse.next(left ?? this.#tellOf("answer", since));
      }
      return true;
    } finally {
      this.#activity.standStill(null);
    }
  }

  /**
   * True where the text still stands in the line: a program that read the paste takes Enter for a line break, and draws
   * it. One that has drawn nothing may only be slow, and a second Enter would answer what it asks then.
   */
  #isEnterLost(entered: number): boolean {
    const patience = this.#drawnAt > entered ? ENTER_AGAIN_MS : ENTER_LOST_MS;
    return this.#line === "written" && Date.now() - entered >= patience;
  }

  async #seenTaken(): Promise<boolean> {
    const begin = Date.now();
    while (this.#line === "written" && !this.#isGone) {
      if (Date.now() - begin > TAKEN_MS) return false;
      await this.#pulse.next(TAKEN_MS);
    }
    this.#activity.takenBySight();
    this.#mayHaveEnd();
    return true;
  }

  /** Waits until the text stands in the line, and the screen does not change any more. */
  async #showsWritten(): Promise<boolean> {
    let begin = Date.now();
    while (Date.now() - begin < SHOWN_MS && !this.#isGone) {
      const line = this.#line;
      if (line === "none") {
        if (!(await this.#promptBack())) return false;
        begin = Date.now();
      } else if (line === "written" && Date.now() - this.#drawnAt >= STILL_MS) return true;
      else await this.#pulse.next(STILL_MS);
    }
    return false;
  }

  async #empty(since: number): Promise<void> {
    for (let kills = 0; kills < MAX_KILLS && this.#line === "written" && this.#typedAt < since; kills++) {
      await this.#terminal.write(KILL_LINE);
      await this.#pulse.next(KILL_MS);
    }
  }

  get #line(): PromptLine {
    return promptLine(this.#terminal.screen(), this.#row.prompt);
  }

  #drawn(): void {
    this.#drawnAt = Date.now();
    this.#pulse.beat();
    if (this.#activity.state === "busy") this.#quiet ??= this.#armQuiet(this.#patience);
  }

  get #patience(): number {
    return this.#mayHaveEnded || this.#activity.need !== null ? QUIET_MS : LONG_QUIET_MS;
  }

  #armQuiet(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#rested(), ms);
  }

  #rested(): void {
    this.#quiet = undefined;
    if (this.#activity.state !== "busy" || this.#isGone) return;
    const left = this.#drawnAt + this.#patience - Date.now();
    if (left > 0) this.#quiet = this.#armQuiet(left);
    else this.#judgeBySight();
  }

  #typed(): void {
    this.#typedAt = Date.now();
    this.#mayHaveEnd();
    this.#pulse.beat();
  }

  /** A key may end the turn that runs, without a hook that says so. */
  #mayHaveEnd(): void {
    if (this.#activity.state !== "busy") return;
    this.#mayHaveEnded = true;
    clearTimeout(this.#quiet);
    this.#quiet = this.#armQuiet(QUIET_MS);
  }

  /** The screen has come to rest: where it shows a prompt no dialogue is open, and no turn runs where it says of none. */
  #judgeBySight(): void {
    const screen = this.#terminal.screen();
    const line = promptLine(screen, this.#row.prompt);
    const isAtPrompt = this.#row.hooks === null ? line === "empty" : line !== "none";
    if (!isAtPrompt) return;
    this.#activity.answered();
    if (saysBusy(screen, this.#row.prompt) || !this.#showsTurns) return;
    this.#mayHaveEnded = false;
    this.#activity.end({ end: this.#row.hooks === null && !this.#isCancelled ? "end_turn" : "cancelled" });
  }

  async #orGone(turn: Promise<Turn>): Promise<Turn> {
    const ended = await Promise.race([turn, this.closed]);
    if ("end" in ended) return ended;
    throw new Error("the program in the terminal has ended");
  }

  async #outlive(): Promise<{ exitCode: number | null; message: string }> {
    const exitCode = await this.#terminal.exited;
    this.#isGone = true;
    clearTimeout(this.#quiet);
    this.#pulse.beat();
    return { exitCode, message: this.#lastRows() };
  }

  #lastRows(): string {
    const written = this.#terminal.screen().lines.filter((line) => line !== "");
    return written.slice(-LAST_ROWS).join("\n");
  }
}
