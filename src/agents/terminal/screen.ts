import headless from "@xterm/headless";
import { SerializeAddon } from "@xterm/addon-serialize";
import type { TerminalSize } from "../../protocol/terminal.ts";
import type { TerminalScreen } from "../driver.ts";
import { Modes } from "./modes.ts";
import { pictureOf } from "./picture.ts";

/** Rows that are kept above the screen. */
const SCROLLBACK_ROWS = 5_000;
/** A snapshot that would be longer goes without the oldest rows above the screen, in characters. */
const MAX_SNAPSHOT = 2 * 1024 * 1024;
/** So many rows may be left out that would still fit: to find the last of them is slow. */
const SPARED_ROWS = 64;
/** Has a terminal forget what was drawn and switched on in it: its screen is then empty. */
const AFRESH =
  "\x1b[?1049l\x1b[?1000;1002;1003;1004;1005;1006;1015;1016;2004;2026;2031l\x1b[<16u\x1b[>4m\x1b[!p\x1b[0 q\x1b[0m\x1b[H\x1b[2J";

/** What a terminal would show of the output that it is given, without a window. */
export class Screen {
  readonly #terminal: headless.Terminal;
  readonly #serializer = new SerializeAddon();
  readonly #modes: Modes;

  /** @param reply takes what a terminal answers by itself to a program that asks it something */
  constructor({ columns: cols, rows }: TerminalSize, reply: (text: string) => void) {
    this.#terminal = new headless.Terminal({
      cols,
      rows,
      scrollback: SCROLLBACK_ROWS,
      allowProposedApi: true, // its buffer and its modes are
    });
    this.#terminal.loadAddon(this.#serializer);
    this.#modes = new Modes(this.#terminal);
    this.#terminal.onData(reply);
  }

  get size(): TerminalSize {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows };
  }

  /** Takes output; `drawn` is called when it is on the screen. */
  write(output: string, drawn: () => void): void {
    this.#terminal.write(output, drawn);
  }

  /** Resolves when all that it was given is on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write("", resolve));
  }

  resize({ columns, rows }: TerminalSize): void {
    this.#terminal.resize(columns, rows);
    this.#modes.resized();
  }

  get shown(): TerminalScreen {
    const { buffer, modes, rows } = this.#terminal;
    const { active } = buffer;
    const lines = Array.from({ length: rows }, (_, at) =>
      (active.getLine(active.baseY + at)?.translateToString(true) ?? "").trimEnd(),
    );
    return {
      lines,
      bright: (row) => this.#bright(row),
      cursor: { row: active.cursorY, column: active.cursorX },
      bracketedPaste: modes.bracketedPasteMode,
      alternate: active.type === "alternate",
    };
  }

  /**
   * What draws it in a terminal of its size, whatever that showed, and switches on what the program did: further output
   * goes on from there. With `history` what has left the screen comes before it, as far as it is kept and fits, behind a
   * line that says how much does not.
   */
  snapshot({ history }: { history: boolean }): string {
    return `${AFRESH}${history ? this.#drawnWhole() : this.#drawn(0)}${this.#modes.text}`;
  }

  /** The rows that have left the screen, as text, oldest first; `left` is how many of the oldest do not fit. */
  get above(): { lines: string[]; left: number } {
    const { normal } = this.#terminal.buffer;
    const lines: string[] = [];
    let room = MAX_SNAPSHOT;
    for (let at = normal.baseY - 1; at >= 0; at--) {
      const line = normal.getLine(at)!.translateToString(true).trimEnd();
      room -= line.length + 1;
      if (room < 0) return { lines: lines.reverse(), left: at + 1 };
      lines.push(line);
    }
    return { lines: lines.reverse(), left: 0 };
  }

  #drawn(rowsAbove: number): string {
    return this.#serializer.serialize({ scrollback: rowsAbove });
  }

  /** The screen below as many rows above it as fit. */
  #drawnWhole(): string {
    const all = this.#terminal.buffer.normal.baseY;
    const whole = this.#drawn(all);
    if (whole.length <= MAX_SNAPSHOT) return whole;
    let [fitting, rows, tooMany] = [this.#drawn(0), 0, all];
    while (tooMany - rows > SPARED_ROWS) {
      const middle = (rows + tooMany) >> 1;
      const drawn = this.#drawn(middle);
      if (drawn.length > MAX_SNAPSHOT) tooMany = middle;
      else [fitting, rows] = [drawn, middle];
    }
    return rows === 0 ? fitting : `\x1b[2m[${all - rows} older lines are left out]\x1b[22m\r\n${fitting}`;
  }

  /** What shows it in a terminal of another size. */
  picture(size: TerminalSize): string {
    return pictureOf(this.#terminal, size);
  }

  #bright(row: number): string {
    const { active } = this.#terminal.buffer;
    const line = row < this.#terminal.rows ? active.getLine(active.baseY + row) : undefined;
    if (line === undefined) return "";
    const cells = Array.from({ length: line.length }, (_, column) => line.getCell(column)!);
    return cells
      .filter((cell) => cell.getWidth() > 0)
      .map((cell) => (cell.isDim() ? " " : cell.getChars() || " "))
      .join("")
      .trimEnd();
  }

  close(): void {
    this.#terminal.dispose();
  }
}
