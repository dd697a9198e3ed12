import type { AgentTerminal, TerminalScreen } from "../driver.ts";
import { within } from "../limit.ts";
import { Screen } from "./screen.ts";
import type { TerminalSize } from "../../protocol/terminal.ts";

/** What programs take this terminal for: what it draws is what xterm would. */
const TERM = { TERM: "xterm-256color", COLORTERM: "truecolor" };

/** What is waited for output of a program that ended: what it left behind may hold its terminal open for ever. */
const DRAIN_LIMIT_MS = 1_000;

export interface PseudoTerminalOptions {
  /** All that the program gets, beside what names its terminal. */
  readonly environment: Record<string, string>;
  readonly folder: string;
  readonly size: TerminalSize;
}

/**
 * A program of the agent's, the pseudo-terminal that it leads, and what that shows. It weighs several megabytes, with
 * the code that draws: hosts of other agents do without it.
 */
export class PseudoTerminal implements AgentTerminal {
  /** Resolves when the program's last output is drawn, too. */
  readonly exited: Promise<number | null>;
  readonly #child: Bun.Subprocess;
  readonly #screen: Screen;
  readonly #drawn = new Set<() => void>();
  readonly #typed = new Set<() => void>();
  /** Resolves when there is no more output. */
  readonly #ended = Promise.withResolvers<void>();
  /** All that was written is taken when it resolves. */
  #drained: PromiseWithResolvers<void> | null = null;

  /** @throws where the program is missing or cannot be run, as `Bun.spawn` does */
  constructor(command: string[], { environment, folder, size }: PseudoTerminalOptions) {
    this.#screen = new Screen(size, (reply) => void this.write(reply));
    this.#child = Bun.spawn(command, {
      cwd: folder,
      env: { ...environment, ...TERM },
      terminal: {
        cols: size.columns,
        rows: size.rows,
        data: (_, bytes) => this.#read(bytes),
        drain: () => this.#takenUp(),
        exit: () => this.#ended.resolve(),
      },
    });
    this.exited = this.#outlive();
  }

  get pid(): number {
    return this.#child.pid;
  }

  write(input: string | Uint8Array): Promise<void> {
    const { terminal } = this.#child;
    if (terminal === undefined || terminal.closed || this.#child.exitCode !== null) return Promise.resolve();
    terminal.write(input);
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  screen(): TerminalScreen {
    return this.#screen.shown;
  }

  drawn(listener: () => void): () => void {
    return listening(this.#drawn, listener);
  }

  typed(listener: () => void): () => void {
    return listening(this.#typed, listener);
  }

  close(): void {
    this.#child.terminal?.close(); // the kernel sends SIGHUP to what is in it
    this.#ended.resolve();
  }

  /** How it ended. */
  async #outlive(): Promise<number | null> {
    const code = await this.#child.exited;
    this.#takenUp();
    await within(this.#ended.promise, DRAIN_LIMIT_MS);
    await this.#screen.settled();
    return this.#child.signalCode === null ? code : null;
  }

  #read(bytes: Uint8Array): void {
    this.#screen.write(bytes, () => {
      for (const listener of this.#drawn) listener();
    });
  }

  #takenUp(): void {
    this.#drained?.resolve();
    this.#drained = null;
  }
}

function listening(listeners: Set<() => void>, listener: () => void): () => void {
  const each = () => listener();
  listeners.add(each);
  return () => void listeners.delete(each);
}
