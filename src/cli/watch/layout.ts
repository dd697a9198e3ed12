import { isEnded } from "../../core/run.ts";
import type { Attention } from "../../protocol/attention.ts";
import type { Plan } from "../../protocol/plan.ts";
import type { Task } from "../../protocol/task.ts";
import { formatDuration } from "../duration.ts";
import { cut, type Look } from "../output.ts";
import { approvalText, questionText } from "../task-text.ts";
import { failure, NO_WAIT, planText, progress, stateCell, stateSentence } from "../task-words.ts";
import { ofTask } from "./attention-list.ts";

/** From here on the list and the task stand side by side. */
const WIDE_COLUMNS = 120;
/** What the list takes of a wide screen, and of the height of a narrow one. */
const LIST_SHARE = 0.4;
const MIN_LIST_ROWS = 4;
const NAME_COLUMNS = 30;
const STATE_COLUMNS = 9;
const PROGRESS_COLUMNS = 5;
const AGE_COLUMNS = 4;
const MAX_WAITING_ROWS = 12;

/** The screen in columns and rows, and what of it the list has. */
export interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly wide: boolean;
  readonly listColumns: number;
  readonly listRows: number;
  readonly taskColumns: number;
  readonly taskRows: number;
}

/** Two rows are the head and the foot; side by side the halves are a column apart, one above the other a line. */
export function layoutOf({ columns, rows }: { columns: number; rows: number }, tasks: number): Layout {
  const body = Math.max(2, rows - 3);
  if (columns >= WIDE_COLUMNS) {
    const listColumns = Math.floor(columns * LIST_SHARE);
    const taskColumns = columns - listColumns - 3;
    return { columns, rows, wide: true, listColumns, listRows: body, taskColumns, taskRows: body };
  }
  const share = Math.max(MIN_LIST_ROWS, Math.floor(body * LIST_SHARE));
  const listRows = Math.min(Math.max(1, tasks), share);
  return {
    columns,
    rows,
    wide: false,
    listColumns: columns,
    listRows,
    taskColumns: columns,
    taskRows: Math.max(1, body - listRows - 1),
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

/** What stands above the transcript: the task, what waits in it, its plan; what is done goes first where room is short. */
export function headLines(
  task: Task,
  attention: Attention,
  { look, columns, now, rows }: LineOptions & { rows: number },
): string[] {
  const head = [`${look.bold(task.slug)}  ${stateSentence(task, NO_WAIT, now)}`, look.dim(task.title)];
  const failed = failure(task);
  if (failed !== "") head.push(look.colour("red", failed));
  if (task.status.state === "completed") head.push(look.colour("green", task.status.result.summary));
  const waiting = [...blockedLines(task, attention, look), ...waitingLines(ofTask(attention, task.id), look)];
  const room = Math.max(1, rows - head.length - waiting.length);
  const lines = [...head, ...waiting, ...planLines(task.plan, room, look)];
  return lines.flatMap((line) => line.split("\n")).map((line) => clip(line, columns));
}

/** What keeps a task from starting, with what helps. */
function blockedLines({ blockedBy }: Task, { blockers }: Attention, look: Look): string[] {
  return blockers
    .filter(({ task }) => blockedBy.includes(task))
    .map(({ slug, state }) => {
      const what = `${slug} ${state === "failed" ? "failed" : "was canceled"}`;
      return look.colour("yellow", `${what}: dispatch retry ${slug}, or c cancels this one`);
    });
}

function waitingLines({ questions, approvals, flags, messages, blockers }: Attention, look: Look): string[] {
  const [question] = questions;
  const [approval] = approvals;
  const parts = [
    ...blockers.flatMap(({ slug, blocks }) => [
      look.colour("yellow", `? so these do not start: ${blocks.join(", ")}`),
      look.colour("yellow", `  r (dispatch retry ${slug}) tries it again`),
    ]),
    ...flags.map((flag) => look.colour("red", `! ${flag.text}`)),
    ...messages.map((message) => look.colour("yellow", `? a message waits for you: ${message.text}`)),
    ...(question ? [look.colour("yellow", `? ${questionText(question)}`)] : []),
    ...(approval ? [look.colour("yellow", `? wants to use ${approvalText(approval)}`)] : []),
  ];
  return parts.flatMap((part) => part.split("\n")).slice(0, MAX_WAITING_ROWS);
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
