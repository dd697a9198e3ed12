import type headless from "@xterm/headless";
import type { TerminalSize } from "../../protocol/terminal.ts";

type Cell = NonNullable<ReturnType<headless.IBufferLine["getCell"]>>;

/** Drawn as one (synchronized output, DEC mode 2026), over whatever modes were on. */
const BEGIN = "\x1b[?2026h\x1b[?25l\x1b[?7l\x1b[r\x1b[0m";
const END = "\x1b[?7h\x1b[?2026l";
const CLEAR_ROW = "\x1b[0m\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/**
 * What a terminal shows, for one of another size: cut at its right, and above where it has fewer rows. It can be looked
 * at, and is no ground for further output.
 */
export function pictureOf(
  { buffer: { active }, rows: all }: headless.Terminal,
  { columns, rows }: TerminalSize,
): string {
  const first = Math.min(active.cursorY, Math.max(0, all - rows));
  const drawn = Array.from({ length: Math.min(rows, all) }, (_, at) => {
    const line = active.getLine(active.baseY + first + at);
    return `${moveTo(at, 0)}${line === undefined ? "" : rowText(line, columns)}${CLEAR_ROW}`;
  });
  const below = rows > all ? `${moveTo(all, 0)}${CLEAR_BELOW}` : "";
  const cursor = moveTo(active.cursorY - first, Math.min(active.cursorX, columns - 1));
  return `${BEGIN}${drawn.join("")}${below}${cursor}\x1b[?25h${END}`;
}

export function moveTo(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}

function rowText(line: headless.IBufferLine, columns: number): string {
  const parts: string[] = [];
  let style = "";
  for (let at = 0; at < Math.min(line.length, columns); at++) {
    const cell = line.getCell(at)!;
    const width = cell.getWidth();
    if (width === 0) continue; // the second half of the one before
    const next = styleOf(cell);
    if (next !== style) parts.push(next);
    style = next;
    parts.push(at + width > columns ? " " : cell.getChars() || " ");
  }
  return parts.join("");
}

/** SGR (ECMA-48, 8.3.117). */
function styleOf(cell: Cell): string {
  const flags = [
    [cell.isBold(), 1],
    [cell.isDim(), 2],
    [cell.isItalic(), 3],
    [cell.isUnderline(), 4],
    [cell.isBlink(), 5],
    [cell.isInverse(), 7],
    [cell.isInvisible(), 8],
    [cell.isStrikethrough(), 9],
    [cell.isOverline(), 53],
  ] as const;
  const codes = [0, ...flags.flatMap(([isOn, code]) => (isOn ? code : []))];
  if (cell.isFgRGB()) codes.push(38, 2, ...channels(cell.getFgColor()));
  else if (cell.isFgPalette()) codes.push(38, 5, cell.getFgColor());
  if (cell.isBgRGB()) codes.push(48, 2, ...channels(cell.getBgColor()));
  else if (cell.isBgPalette()) codes.push(48, 5, cell.getBgColor());
  return `\x1b[${codes.join(";")}m`;
}

function channels(colour: number): [number, number, number] {
  return [(colour >> 16) & 0xff, (colour >> 8) & 0xff, colour & 0xff];
}
