import { isEnded } from "../../core/run.ts";
import type { Plan } from "../../protocol/plan.ts";
import type { Task } from "../../protocol/task.ts";
import { formatDuration } from "../duration.ts";
import { cut, type Look } from "../output.ts";
import { failure, NO_WAIT, planText, progress, stateCell, stateSentence } from "../task-words.ts";
import type { Asked } from "./asked.ts";

/** From here on the list and the task stand side by side. */
const WIDE_COLUMNS = 120;
/** What the list takes of a wide screen, and of the height of a narrow one. */
const LIST_SHARE = 0.4;
const MIN_LIST_ROWS = 4;
const NAME_COLUMNS = 30;
const STATE_COLUMNS = 9;
const PROGRESS_COLUMNS = 5;
const AGE_COLUMNS = 4;
/** The rows of the task that what waits in it may take, and the part of them where there are more. */
const WAITING_ROWS = 12;
const WAITING_SHARE = 0.5;
/** The part of the task's rows that its plan may take with what stands above it. */
const HEAD_SHARE = 0.6;
/** Rows of the screen that are not of what is asked, while that is read: head, place, foot, and the one that stays free. */
const ROWS_AROUND_ASKED = 4;

/** On a screen with fewer rows not all parts find room, and some lie over others. */
export const MIN_ROWS = 6;

/** The screen in columns and rows, and what of it the list has. */
export interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly wide: boolean;
  readonly listColumns: number;
  readonly listRows: number;
  readonly taskColumns: number;
  readonly taskRows: number;
  /** What is asked has this many rows and the whole width while it is read. */
  readonly askedRows: number;
}

/** Two rows are the head and the foot; side by side the halves are a column apart, one above the other a line. */
export function layoutOf({ columns, rows }: { columns: number; rows: number }, tasks: number): Layout {
  const body = Math.max(3, rows - 3);
  const askedRows = Math.max(0, rows - ROWS_AROUND_ASKED);
  if (columns >= WIDE_COLUMNS) {
    const listColumns = Math.floor(columns * LIST_SHARE);
    const taskColumns = columns - listColumns - 3;
    return {
      columns,
      rows,
      wide: true,
      listColumns,
      listRows: body,
      taskColumns,
      taskRows: body,
      askedRows,
    };
  }
  const share = Math.max(MIN_LIST_ROWS, Math.floor(body * LIST_SHARE));
  const listRows = Math.min(Math.max(1, tasks), share, body - 2);
  return {
    columns,
    rows,
    wide: false,
    listColumns: columns,
    listRows,
    taskColumns: columns,
    taskRows: body - listRows - 1,
    askedRows,
  };
}

/** The rows of the list that are seen, so that the selected one is among them. */
export function windowOf(count: number, selected: number, rows: number): { from: number; to: number } {
  const from = Math.max(0, Math.min(count - rows, selected - Math.floor(rows / 2)));
  return { from, to: Math.min(count, from + rows) };
}

/** A task in a line of the list. */
export function taskLine(task: Task, waits: boolean, { look, columns, now }: LineOptions): string {
  const mark = waits ? look.colour("yellow", "?") : isEnded(task) ? " " : look.colour("blue", "●");
  const cells = [
    padded(cut(task.slug, NAME_COLUMNS), NAME_COLUMNS),
    padded(stateCell(task, look), STATE_COLUMNS),
    padded(progress(task.plan), PROGRESS_COLUMNS),
    padded(formatDuration(now - task.createdAt), AGE_COLUMNS),
    task.model.name,
  ];
  return clip([mark, ...cells].join(" "), columns);
}

function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - Bun.stringWidth(text)));
}

interface LineOptions {
  readonly look: Look;
  readonly columns: number;
  readonly now: number;
}

/** The name and the state of a task. */
export function taskHead(task: Task, { look, columns, now }: LineOptions): string {
  return clip(`${look.bold(task.slug)}  ${stateSentence(task, NO_WAIT, now)}`, columns);
}

/** What stands above the transcript: the task, what waits in it, its plan; what is done goes first where room is short. */
export function headLines(
  task: Task | null,
  asked: Asked,
  { look, columns, now, rows }: LineOptions & { rows: number },
): Head {
  if (task === null) return { lines: [], asked: 0 };
  const head = [taskHead(task, { look, columns, now }), look.dim(task.title)];
  const failed = failure(task);
  if (failed !== "") head.push(look.colour("red", failed));
  if (task.status.state === "completed") head.push(look.colour("green", task.status.result.summary));
  const above = head.flatMap((line) => line.split("\n")).map((line) => clip(line, columns));
  const most = Math.max(WAITING_ROWS, Math.floor(rows * WAITING_SHARE));
  const waiting = beginningOf(asked.rows, Math.min(most, rows - above.length), look);
  const room = Math.max(1, Math.floor(rows * HEAD_SHARE) - above.length - waiting.lines.length);
  const plan = planLines(task.plan, room, look).flatMap((line) => line.split("\n"));
  const lines = [...above, ...waiting.lines, ...plan.map((line) => clip(line, columns))];
  return { lines: lines.slice(0, rows), asked: waiting.rows };
}

/** Lines above the transcript, and how many rows of what is asked are among them. */
interface Head {
  readonly lines: readonly string[];
  readonly asked: number;
}

/** As many rows as there is room for; where there are more, the last one says how to see them. */
function beginningOf(all: readonly string[], room: number, look: Look): { lines: string[]; rows: number } {
  if (all.length <= room) return { lines: [...all], rows: all.length };
  if (room < 1) return { lines: [], rows: 0 };
  const rows = room - 1;
  const more = look.colour("yellow", `── ${all.length - rows} more rows: space shows them ──`);
  return { lines: [...all.slice(0, rows), more], rows };
}

function planLines(plan: Plan, room: number, look: Look): string[] {
  if (plan.items.length === 0) return [];
  const whole = planText(plan, look).split("\n");
  if (whole.length <= room) return whole;
  const left = { ...plan, items: plan.items.filter((item) => item.mark !== "done") };
  const open = planText(left, look).split("\n");
  return open.length <= room
    ? open
    : [...open.slice(0, room - 1), look.dim(`… ${open.length - room + 1} more`)];
}

/** One row of the terminal: cut where it is too wide, its colours kept where it is not. */
export function clip(line: string, columns: number): string {
  return Bun.stringWidth(line) <= columns ? line : cut(Bun.stripANSI(line), columns);
}

/** The last rows of lines that go on in the next row where they are too wide. */
export function wrap(lines: readonly string[], columns: number, rows: number): string[] {
  const wrapped: string[] = [];
  for (let at = lines.length - 1; at >= 0 && wrapped.length < rows; at--)
    wrapped.unshift(...Bun.wrapAnsi(lines[at]!, columns, { hard: true, trim: false }).split("\n"));
  return wrapped.slice(-rows);
}
