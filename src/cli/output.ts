import { fstatSync } from "node:fs";
import { visible } from "../core/visible.ts";
import { visibleAll, visibleJson } from "./visible.ts";

const STDOUT = 1;
const FALLBACK_WIDTH = 80;
const FALLBACK_HEIGHT = 24;
const WIDEST_TEXT = 120;
const INDENT = "  ";

/** How text may look here: on a terminal in colour and cut to its width, else plain and whole. */
export interface Look {
  readonly terminal: boolean;
  /** Columns and rows, which change with the terminal; Infinity where nothing is cut. */
  readonly width: number;
  readonly height: number;
  bold(text: string): string;
  dim(text: string): string;
  colour(name: Colour, text: string): string;
}

export type Colour = "red" | "green" | "yellow" | "blue";

const CODES: Record<Colour | "bold" | "dim", number> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
};

/**
 * What a command says on standard output. Renderers get documents whose text is safe to show, so that none can forget
 * it; only the look's own escapes reach the terminal.
 */
export class Output {
  readonly json: boolean;
  readonly look: Look;

  constructor(options: { json: boolean; environment: Record<string, string | undefined> }) {
    this.json = options.json;
    this.look = lookOf(options.environment);
  }

  /** One answer: as JSON, or as people read it. */
  async show<T>(document: T, render: (document: T, look: Look) => string): Promise<void> {
    if (this.json) return this.#write(`${visibleJson(document, 2)}\n`);
    const text = render(visibleAll(document), this.look);
    await this.#write(text === "" || text.endsWith("\n") ? text : `${text}\n`);
  }

  /** One item of a stream: a line of NDJSON, or lines as people read them (empty: nothing to say). */
  async stream<T>(item: T, render: (item: T, look: Look) => string): Promise<void> {
    if (this.json) return this.#write(`${visibleJson(item)}\n`);
    const text = render(visibleAll(item), this.look);
    if (text !== "") await this.#write(`${text}\n`);
  }

  /** Text for a program that reads it (a patch, a script): exact where it goes to a pipe, shown safely on a terminal. */
  async exact(text: string): Promise<void> {
    await this.#write(this.look.terminal ? visible(text) : text);
  }

  /** Text of our own making, as it is: the terminal's cursor is moved with this. */
  async raw(text: string): Promise<void> {
    await this.#write(text);
  }

  // Not process.stdout: loading it costs more than the rest of the program's start. Writing nothing would empty the file
  // that standard output goes to, with what others wrote there.
  async #write(text: string): Promise<void> {
    if (text !== "") await Bun.write(Bun.stdout, text);
  }
}

/** Cut to a width, with an ellipsis where something is missing; line breaks become spaces. */
export function cut(text: string, width: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (Bun.stringWidth(line) <= width) return line;
  let kept = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    used += Bun.stringWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** Columns that line up; the last one takes what is left of the width. Cells are plain or wear the look. */
export function table(rows: readonly (readonly string[])[], look: Look): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => Bun.stringWidth(row[i] ?? ""))),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const last = Math.max(10, look.width - before);
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          if (i === columns - 1) return Bun.stringWidth(cell) > last ? cut(Bun.stripANSI(cell), last) : cell;
          return cell + " ".repeat(widths[i]! - Bun.stringWidth(cell));
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The look of what is indented. */
export function inset(look: Look): Look {
  return { ...look, width: look.width - INDENT.length };
}

/** The look of what is copied from the terminal, such as a command: it goes on in the next row, and is never cut. */
export function uncut(look: Look): Look {
  return { ...look, width: Infinity };
}

/** Lines under a heading. */
export function indent(text: string, by = INDENT): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : by + line))
    .join("\n");
}

function lookOf(environment: Record<string, string | undefined>): Look {
  const terminal = isTerminal();
  const coloured = terminal && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  const wear = (code: number, text: string) =>
    coloured && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  return {
    terminal,
    get width() {
      return terminal ? Math.min(process.stdout.columns || FALLBACK_WIDTH, WIDEST_TEXT) : Infinity;
    },
    get height() {
      return terminal ? process.stdout.rows || FALLBACK_HEIGHT : Infinity;
    },
    bold: (text) => wear(CODES.bold, text),
    dim: (text) => wear(CODES.dim, text),
    colour: (name, text) => wear(CODES[name], text),
  };
}

/** A pipe or a file is told from a terminal without loading node's tty module. */
function isTerminal(): boolean {
  return fstatSync(STDOUT).isCharacterDevice() && process.stdout.isTTY;
}
