import headless from "@xterm/headless";
import type { TerminalSize } from "../../protocol/terminal.ts";
import type { TerminalScreen } from "../driver.ts";

/** Rows that are kept above the screen. */
const SCROLLBACK_ROWS = 5_000;

/** What a terminal would show of the output that it is given, without a window. */
export class Screen {
  readonly #terminal: headless.Terminal;

  /** @param reply takes what a terminal answers by itself to a program that asks it something */
  constructor({ columns: cols, rows }: TerminalSize, reply: (text: string) => void) {
    this.#terminal = new headless.Terminal({
      cols,
      rows,
      scrollback: SCROLLBACK_ROWS,
      allowProposedApi: true, // its buffer and its modes are
    });
    this.#terminal.onData(reply);
  }

  /** Takes output; `drawn` is called when it is on the screen. */
  write(output: Uint8Array, drawn: () => void): void {
    this.#terminal.write(output, drawn);
  }

  /** Resolves when all that it was given is on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write("", resolve));
  }

  resize({ columns, rows }: TerminalSize): void {
    this.#terminal.resize(columns, rows);
  }

  get shown(): TerminalScreen {
    const { buffer, modes, rows } = this.#terminal;
    const { active } = buffer;
    const lines = Array.from({ length: rows }, (_, at) =>
      (active.getLine(active.baseY + at)?.translateToString(true) ?? "").trimEnd(),
    );
    return {
      lines,
      cursor: { row: active.cursorY, column: active.cursorX },
      bracketedPaste: modes.bracketedPasteMode,
      alternate: active.type === "alternate",
    };
  }

  close(): void {
    this.#terminal.dispose();
  }
}
