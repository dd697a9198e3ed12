import type { CallAnswer } from "../protocol/api.ts";
import type { Task } from "../protocol/task.ts";
import { type AttentionRow, attentionRows } from "./attention-words.ts";
import type { Context } from "./command.ts";
import { formatDuration } from "./duration.ts";
import { EXIT } from "./exit.ts";
import { showHappening } from "./happening-words.ts";
import { indent, inset, type Look, table } from "./output.ts";
import { spentOfText, spentText } from "./spent-words.ts";
import type { SweepHappened } from "./sweep-happening.ts";
import { failure, progress, stateCell, stateWord } from "./task-words.ts";
import { toMendRows } from "./to-mend-words.ts";
import { mergedCell, mergingRows, toMergeRows } from "./to-merge-words.ts";

type SweepDetail = CallAnswer<"getSweep">;
type Report = CallAnswer<"getReport">;

/** What was handed over, a line a task. */
export function handedOverText({ sweep, tasks, existing }: CallAnswer<"createSweep">, look: Look): string {
  const slugs = new Map(tasks.map((task) => [task.id as string, task.slug]));
  const lines = tasks.map((task) => {
    const worktree = task.wantsWorktree ? " (worktree)" : "";
    const after = task.after.map((id) => slugs.get(id) ?? id).join(", ");
    const order = after === "" ? "" : look.dim(` (after ${after})`);
    return `● ${look.bold(task.slug)}: ${task.model.name}${worktree}: ${task.title}${order}`;
  });
  const count = tasks.length === 1 ? "a task" : `${tasks.length} tasks`;
  const head = existing
    ? `Dispatched before: ${sweep.slug}, ${count}.`
    : `Dispatched ${count} as ${sweep.slug}.`;
  const next = look.terminal ? [look.dim(`See them: dispatch status ${sweep.slug}`)] : [];
  return [head, ...lines, ...next].join("\n");
}

/** A sweep as it stands. */
export function sweepText(detail: SweepDetail, look: Look): string {
  const { sweep, spent } = detail;
  const limits = [
    sweep.concurrent === null ? "" : `${sweep.concurrent} at once`,
    sweep.timeoutMs === null ? "" : `at most ${formatDuration(sweep.timeoutMs)}`,
  ].filter((part) => part !== "");
  const used = spentOfText(spent, sweep.budget, detail.workedMs);
  const work = sweep.budget?.timeMs === undefined ? workText(detail.workedMs) : "";
  const title = sweep.title === sweep.slug ? [] : [sweep.title];
  return [
    `${look.bold(sweep.slug)}  ${countsText(detail, look)}`,
    ...title,
    look.dim([...limits, work, used].filter((part) => part !== "").join(", ")),
    "",
    standings(detail, look),
    ...sections(detail, look),
  ].join("\n");
}

/** What happened in some time, as one reads it in the morning. */
export function reportText(report: Report, look: Look): string {
  if (report.tasks.length === 0) return "Nothing happened.";
  const used = spentText(report.spent);
  const sums = [workText(report.workedMs), used].filter((part) => part !== "").join(", ");
  const parts = ENDS.map(([heading, isOne]) => {
    const tasks = report.tasks.filter(({ task }) => isOne(task));
    return tasks.length === 0 ? [] : ["", look.bold(heading), indent(ends(tasks, inset(look)))];
  });
  return [`${countsText(report, look)}. ${sums}`, ...parts.flat(), ...sections(report, look)].join("\n");
}

/** What ended a wait for a sweep; the exit code says whether all is done, something failed, or a person is needed. */
export async function showSweepHappening(context: Context, happened: SweepHappened | null): Promise<number> {
  if (!happened) return EXIT.interrupted;
  if (happened.type === "needed") return await showHappening(context, happened.happened);
  await context.output.show(happened.detail, sweepText);
  const isDone = happened.detail.tasks.every(({ task }) => task.status.state === "completed");
  return isDone ? EXIT.done : EXIT.failed;
}

const ENDS: readonly (readonly [heading: string, isOne: (task: Task) => boolean])[] = [
  ["Done", ({ status }) => status.state === "completed"],
  ["Failed", ({ status }) => status.state === "failed" || status.state === "rejected"],
  ["Canceled", ({ status }) => status.state === "canceled"],
  ["Goes on", ({ status }) => ["submitted", "working", "input-required"].includes(status.state)],
];

/** A task a row, with what came of it. */
function ends(tasks: Report["tasks"], look: Look): string {
  const rows = tasks.map(({ task, workedMs, merge }) => [
    look.bold(task.slug),
    task.model.name,
    progress(task.plan),
    formatDuration(workedMs),
    spentText(task.spent),
    mergedCell({ task, merge }, look),
    failure(task) || summaryOf(task) || stateWord(task),
  ]);
  return table(rows, look);
}

/** What a task's worker says of its outcome, on one line. */
export function summaryOf({ status }: Task): string {
  const result = "result" in status ? status.result : null;
  return result ? result.summary.replace(/\s+/g, " ").trim() : "";
}

function standings({ tasks }: SweepDetail, look: Look): string {
  const rows = tasks.map(({ task, workedMs }) => [
    look.bold(task.slug),
    stateCell(task, look),
    progress(task.plan),
    task.model.name,
    workedMs === 0 ? "" : formatDuration(workedMs),
    spentText(task.spent),
    failure(task) || task.title,
  ]);
  return table(rows, look);
}

/** `5 tasks: 3 completed, 1 working, 1 blocked`. */
function countsText({ tasks }: Report, look: Look): string {
  const counts = new Map<string, number>();
  for (const { task } of tasks) counts.set(stateWord(task), (counts.get(stateWord(task)) ?? 0) + 1);
  const parts = [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
  return `${look.bold(tasks.length === 1 ? "1 task" : `${tasks.length} tasks`)}: ${parts}`;
}

function workText(workedMs: number): string {
  return workedMs === 0 ? "" : `${formatDuration(workedMs)} of work`;
}

/** What a person is to do: what waits for an answer, what failed, what waits for a merge; and what is being merged. */
function sections(report: Report, look: Look): string[] {
  const tasks = report.tasks.map(({ task }) => task);
  const blockers = report.attention.blockers.filter(({ state }) => state !== "failed"); // those are to be mended
  const waiting = attentionRows({ ...report.attention, blockers }, { tasks });
  return [
    ...section(look.colour("yellow", "Needs you"), waiting, look),
    ...section(look.bold("To mend"), toMendRows(report), look),
    ...section(look.bold("To merge"), toMergeRows(report), look),
    ...section(look.bold("In the merge queue"), mergingRows(report, look), look),
  ];
}

/** Each row with its command below it, or that alone where it says it all. */
function section(heading: string, rows: readonly AttentionRow[], look: Look): string[] {
  if (rows.length === 0) return [];
  const texts = rows.map(({ text, next }) => (text === "" ? next : `${text}\n  ${look.dim(next)}`));
  return ["", heading, indent(texts.join("\n"))];
}
