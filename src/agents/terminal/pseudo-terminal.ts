import { MAX_UNREAD_BYTES } from "../../protocol/limit.ts";
import type { TerminalSize } from "../../protocol/terminal.ts";
import type { AgentTerminal, TerminalScreen } from "../driver.ts";
import { within } from "../../base/within.ts";
import { OutputReader } from "./output-reader.ts";
import { Screen } from "./screen.ts";
import { type Viewer, type ViewerChannel, Viewers } from "./viewers.ts";

/** What programs take this terminal for: what it draws is what xterm would. */
const TERM = { TERM: "xterm-256color", COLORTERM: "truecolor" };
/** What is waited for output of a program that ended: what it left behind may hold its terminal open for ever. */
const DRAIN_LIMIT_MS = 1_000;
/**
 * What is written at once. Bun says that its terminal has drained for what it buffers, which is less than 4,096 bytes; of
 * more it says so only where the kernel did not take it whole (Bun 1.4.5).
 */
const PIECE_BYTES = 4_000;
/** What a person's terminal says by itself when it is looked at, and no more. */
const FOCUS = new Set(["\x1b[I", "\x1b[O"]);

export interface PseudoTerminalOptions {
  /** All that the program gets, beside what names its terminal. */
  readonly environment: Record<string, string>;
  readonly folder: string;
  readonly size: TerminalSize;
}

/**
 * A program of the agent's, the pseudo-terminal that it leads, what that shows, and who watches. It weighs several
 * megabytes, with the code that draws: hosts of other agents do without it.
 */
export class PseudoTerminal implements AgentTerminal {
  /** Resolves when the program's last output is drawn, too. */
  readonly exited: Promise<number | null>;
  readonly #child: Bun.Subprocess;
  readonly #reader = new OutputReader();
  readonly #screen: Screen;
  readonly #viewers: Viewers;
  readonly #drawn = new Set<() => void>();
  readonly #typed = new Set<() => void>();
  /** What people type while it is held; null: it is written at once. */
  #held: Uint8Array[] | null = null;
  /** Resolves when there is no more output. */
  readonly #ended = Promise.withResolvers<void>();
  /** What is still to be written, after the piece that is on its way. */
  #unwritten: Uint8Array[] = [];
  /** Resolves once all of it is taken; null: it is. */
  #drained: PromiseWithResolvers<void> | null = null;

  /** @throws where the program is missing or cannot be run, as `Bun.spawn` does */
  constructor(command: string[], { environment, folder, size }: PseudoTerminalOptions) {
    this.#screen = new Screen(size, (reply) => void this.write(reply));
    this.#viewers = new Viewers({
      screen: this.#screen,
      resize: (wanted) => this.#resize(wanted),
      typed: (bytes) => this.#type(bytes),
    });
    this.#child = Bun.spawn(command, {
      cwd: folder,
      env: { ...environment, ...TERM },
      terminal: {
        cols: size.columns,
        rows: size.rows,
        data: (_, bytes) => this.#read(bytes),
        drain: () => this.#writeNext(),
        exit: () => this.#ended.resolve(),
      },
    });
    this.exited = this.#outlive();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get size(): TerminalSize {
    return this.#screen.size;
  }

  /** What is written to a program that reads nothing is dropped past a limit. */
  write(input: string | Uint8Array): Promise<void> {
    const { terminal, exitCode } = this.#child;
    if (terminal === undefined || terminal.closed || exitCode !== null) return Promise.resolve();
    const bytes = Buffer.from(input);
    if (this.#unread < MAX_UNREAD_BYTES)
      for (let at = 0; at < bytes.length; at += PIECE_BYTES)
        this.#unwritten.push(bytes.subarray(at, at + PIECE_BYTES));
    if (this.#drained !== null) return this.#drained.promise;
    const drained = Promise.withResolvers<void>();
    this.#drained = drained;
    this.#writeNext();
    return drained.promise;
  }

  screen(): TerminalScreen {
    return this.#screen.shown;
  }

  /** What has left the screen, as text, and how many of its oldest rows are left out. */
  above(): { lines: string[]; left: number } {
    return this.#screen.above;
  }

  drawn(listener: () => void): () => void {
    return listening(this.#drawn, listener);
  }

  typed(listener: () => void): () => void {
    return listening(this.#typed, listener);
  }

  /** Shows it to somebody, from the whole screen on. Null when too many watch. */
  watch(channel: ViewerChannel, options: { size: TerminalSize | null; history: boolean }): Viewer | null {
    return this.#viewers.admit(channel, options);
  }

  hold(): () => void {
    this.#held ??= [];
    return () => {
      const held = this.#held ?? [];
      this.#held = null;
      for (const bytes of held) void this.write(bytes);
    };
  }

  close(): void {
    this.#child.terminal?.close(); // the kernel sends SIGHUP to what is in it
    this.#ended.resolve();
  }

  /** How it ended. */
  async #outlive(): Promise<number | null> {
    const code = await this.#child.exited;
    this.#unwritten = [];
    this.#writeNext();
    await within(this.#ended.promise, DRAIN_LIMIT_MS);
    await this.#screen.settled();
    const exitCode = this.#child.signalCode === null ? code : null;
    this.#viewers.end(exitCode);
    return exitCode;
  }

  #read(bytes: Uint8Array): void {
    const { text, shown } = this.#reader.read(bytes);
    this.#viewers.output(shown); // first: a person waits for what he typed to appear
    this.#screen.write(text, () => call(this.#drawn));
  }

  #type(bytes: Uint8Array): void {
    if (this.#held === null) void this.write(bytes);
    else this.#held.push(bytes);
    if (!FOCUS.has(Buffer.from(bytes).toString("latin1"))) call(this.#typed);
  }

  #resize(size: TerminalSize): void {
    this.#screen.resize(size);
    if (this.#child.terminal?.closed === false) this.#child.terminal.resize(size.columns, size.rows);
  }

  #writeNext(): void {
    const piece = this.#unwritten.shift();
    if (piece !== undefined) return void this.#child.terminal?.write(piece);
    this.#drained?.resolve();
    this.#drained = null;
  }

  get #unread(): number {
    return this.#unwritten.reduce((sum, { length }) => sum + length, 0);
  }
}

function call(listeners: ReadonlySet<() => void>): void {
  for (const listener of listeners) listener();
}

function listening(listeners: Set<() => void>, listener: () => void): () => void {
  const each = () => listener();
  listeners.add(each);
  return () => void listeners.delete(each);
}
