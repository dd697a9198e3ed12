import type { PromptRow } from "../agent-row.ts";
import type { TerminalScreen } from "../driver.ts";

/** Where a person types: it is empty, something stands in it, or it is not to be seen (a dialogue, a menu, a shell). */
export type PromptLine = "empty" | "written" | "none";

/** How far the rows of a draft stand to the right, where its mark is at the left. */
const INDENT = 2;
/** A row of a draft behind its first. */
const FURTHER = /^[\s\u2500-\u259f|]{2}/;
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
  if (column < INDENT) return "none"; // a menu's, which is out of the way
  const begin = screen.lines.slice(0, row + 1).findLast((line) => !isBlank(line) && !FURTHER.test(line));
  const first = plain(begin).replace(FRAME_BEFORE, "");
  return marks.some((mark) => first.startsWith(`${mark} `)) ? "written" : "none";
}

/** True while the program says below its prompt that a turn runs. */
export function saysBusy(screen: TerminalScreen, { busy }: PromptRow): boolean {
  return busy !== null && isBelow(screen, busy);
}

/** True where nothing is asked any more before the first prompt, by what the program says below its line. */
export function saysOpened(screen: TerminalScreen, { opened }: PromptRow): boolean {
  return opened === null || isBelow(screen, opened);
}

function isBelow({ lines, cursor }: TerminalScreen, words: string): boolean {
  return lines.slice(cursor.row).some((line) => line.includes(words));
}

function plain(line = ""): string {
  return line.replaceAll("\u00a0", " ");
}

function isBlank(text: string): boolean {
  return plain(text).replace(FRAME, "").trim() === "";
}
