import type { PromptRow } from "../agent-row.ts";
import type { TerminalScreen } from "../driver.ts";

/** Where a person types: it is empty, something stands in it, or it is not to be seen (a dialogue, a menu, a shell). */
export type PromptLine = "empty" | "written" | "none";

/** Rows that a draft can have above its cursor. */
const MAX_DRAFT_ROWS = 10;
/** What frames are drawn with, which is nothing that was typed. */
const FRAME = /[\u2500-\u259f|]/g;
const FRAME_BEFORE = /^[\s\u2500-\u259f|]*/;

/** Looks for the line that the cursor is in. Text that is drawn faint is what could be typed, not what was. */
export function promptLine(screen: TerminalScreen, { marks }: PromptRow): PromptLine {
  const { row, column } = screen.cursor;
  const before = plain(screen.lines[row]?.padEnd(column).slice(0, column)).replace(FRAME_BEFORE, "");
  if (marks.includes(before.trimEnd())) {
    const left = [screen.bright(row).slice(column), screen.bright(row + 1)];
    return before.endsWith(" ") && left.every(isBlank) ? "empty" : "written";
  }
  const rows = screen.lines.slice(Math.max(0, row - MAX_DRAFT_ROWS), row + 1).toReversed();
  const first = rows.findIndex((line) => !/^[\s\u2500-\u259f|]{2}/.test(line) || isBlank(line));
  const begin = plain(rows[first]).replace(FRAME_BEFORE, "");
  return first >= 0 && marks.some((mark) => begin.startsWith(`${mark} `)) ? "written" : "none";
}

/** True while the program says below its prompt that a turn runs. */
export function saysBusy({ lines, cursor }: TerminalScreen, { busy }: PromptRow): boolean {
  return busy !== null && lines.slice(cursor.row).some((line) => line.includes(busy));
}

function plain(line = ""): string {
  return line.replaceAll("\u00a0", " ");
}

function isBlank(text: string): boolean {
  return plain(text).replace(FRAME, "").trim() === "";
}
