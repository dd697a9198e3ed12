import { writeSync } from "node:fs";
import type { TerminalSize } from "../../protocol/terminal.ts";

const STDOUT = 1;
/** The sides that a session's terminal can have (protocol/terminal.ts). */
const SIDE = { min: 2, max: 1_000 };
/** Keeps the window's title, and what is on the screen: it goes up out of sight. */
const BEGIN = (rows: number) => `\x1b[22;0t${"\n".repeat(rows)}\x1b[H`;
/** Switches off all that a program may have switched on, and goes below what it drew. */
const END =
  "\x1b[?2026l\x1b[?1049l\x1b[?1000;1002;1003;1004;1005;1006;1015;1016;2004;2031l\x1b[<16u\x1b[>4m\x1b[!p\x1b[0 q\x1b[?7h\x1b[?25h\x1b[0m\x1b[r\x1b[23;0t\x1b[999;1H\r\n";
const SIGNALS = { SIGHUP: 129, SIGTERM: 143, SIGQUIT: 131 } as const;

/** The terminal that a command was started from, given to a program elsewhere for a while. */
export class OwnTerminal {
  readonly #signals = Object.entries(SIGNALS).map(
    ([name, code]) => [name as keyof typeof SIGNALS, () => process.exit(code)] as const,
  );
  #isLent = false;
  readonly #restore = () => this.restore();

  get size(): TerminalSize {
    return { columns: side(process.stdout.columns), rows: side(process.stdout.rows) };
  }

  /** Every key goes to `typed` from here on; `resized` is called when its size is another one. */
  lend({ typed, resized }: { typed: (bytes: Buffer) => void; resized: () => void }): void {
    this.#isLent = true;
    process.on("exit", this.#restore); // whatever ends us
    for (const [name, exit] of this.#signals) process.on(name, exit);
    process.stdin.setRawMode(true);
    process.stdin.on("data", typed).resume();
    process.stdout.on("resize", resized);
    writeSync(STDOUT, BEGIN(this.size.rows));
  }

  /** Resolves when the terminal took it. */
  show(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      process.stdout.write(bytes, () => resolve());
    });
  }

  /** Idempotent. */
  restore(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    process.off("exit", this.#restore);
    for (const [name, exit] of this.#signals) process.off(name, exit);
    process.stdin.removeAllListeners("data");
    process.stdin.setRawMode(false);
    process.stdin.pause();
    try {
      writeSync(STDOUT, END);
    } catch (error) {
      // The terminal is gone, or takes nothing more: there is nothing to restore.
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
}

function side(length: number): number {
  return Math.min(Math.max(length, SIDE.min), SIDE.max);
}
