import type { TaskDetail } from "../protocol/api.ts";
import type { Plan, PlanMark } from "../protocol/plan.ts";
import type { Question } from "../protocol/question.ts";
import type { Approval } from "../protocol/approval.ts";
import type { FailureReason, Outcome, Task } from "../protocol/task.ts";
import { formatDuration } from "./duration.ts";
import { type Colour, indent, type Look } from "./output.ts";

/** The marks of `plan.md`. */
export const MARKS: Record<PlanMark, string> = { open: "[ ]", done: "[x]", blocked: "[?]", error: "[!]" };
const MARK_COLOURS: Record<PlanMark, Colour | null> = {
  open: null,
  done: "green",
  blocked: "yellow",
  error: "red",
};

const REASONS: Record<FailureReason, string> = {
  "agent-error": "the agent failed",
  incomplete: "the plan is not finished",
  timeout: "its time was over",
  budget: "its budget was used up",
  expired: "it expired",
  lost: "its agent is gone",
  setup: "it could not start",
};

/** True when nothing more happens to the task by itself. */
export function isEnded(task: Task): boolean {
  switch (task.status.state) {
    case "completed":
    case "failed":
    case "canceled":
    case "rejected":
      return true;
    case "submitted":
    case "working":
    case "input-required":
      return false;
  }
}

/** A task's state in one or two words. */
export function stateWord(task: Task): string {
  const status = task.status;
  switch (status.state) {
    case "submitted":
      return "queued";
    case "working":
      return status.ending ? endingWord(status.ending) : "working";
    case "input-required":
      return status.ending ? endingWord(status.ending) : "asks you";
    case "completed":
    case "failed":
    case "canceled":
    case "rejected":
      return status.state;
  }
}

function endingWord(ending: Outcome): string {
  return ending.state === "canceled" ? "canceling" : "finishing";
}

/** A task's state as a sentence. */
export function stateSentence(task: Task, queue: number | null, now: number): string {
  const status = task.status;
  const age = formatDuration(now - status.since);
  switch (status.state) {
    case "submitted":
      return queue === null
        ? "waits for a free worker"
        : `waits for a free worker (number ${queue} in the queue)`;
    case "working":
      return status.ending ? `${endingWord(status.ending)}, for ${age}` : `working for ${age}`;
    case "input-required":
      return `waits for your answer for ${age}`;
    case "completed":
      return `completed ${age} ago`;
    case "failed":
      return `failed ${age} ago, ${REASONS[status.reason]}: ${status.message}`;
    case "canceled":
      return `canceled ${age} ago`;
    case "rejected":
      return `rejected: ${status.message}`;
  }
}

export function stateColour(task: Task): Colour | null {
  switch (task.status.state) {
    case "completed":
      return "green";
    case "failed":
    case "rejected":
      return "red";
    case "input-required":
      return "yellow";
    case "working":
      return "blue";
    case "submitted":
    case "canceled":
      return null;
  }
}

/** The state's word in its colour. */
export function stateCell(task: Task, look: Look): string {
  const colour = stateColour(task);
  return colour ? look.colour(colour, stateWord(task)) : stateWord(task);
}

/** `2/5`, or nothing for a task without a plan. */
export function progress(plan: Plan): string {
  if (plan.items.length === 0) return "";
  return `${plan.items.filter((item) => item.mark === "done").length}/${plan.items.length}`;
}

/** The checklist as `plan.md` shows it. */
export function planText(plan: Plan, look: Look): string {
  return plan.items
    .flatMap((item) => [
      `${markText(item.mark, look)} ${item.text}`,
      ...item.notes.map((note) => look.dim(`    ${note}`)),
      ...item.steps.map((step) => `    ${markText(step.mark, look)} ${step.text}`),
    ])
    .join("\n");
}

function markText(mark: PlanMark, look: Look): string {
  const colour = MARK_COLOURS[mark];
  return colour ? look.colour(colour, MARKS[mark]) : MARKS[mark];
}

/** `1) … 2) …`, the plan in one line. */
export function planLine(plan: Plan): string {
  if (plan.items.length === 0) return "made by the worker";
  return plan.items.map((item, index) => `${index + 1}) ${item.text}`).join(" ");
}

export function questionText(question: Question): string {
  const options = question.options.map((option, index) => `${index + 1}. ${option}`);
  return [question.text, ...options].join("\n");
}

/** A gated call: what the tool will get, exactly. */
export function approvalText(approval: Approval): string {
  const { call } = approval;
  const input = typeof call.input === "string" ? call.input : JSON.stringify(call.input, null, 2);
  return [`${call.tool}: ${call.title}`, ...call.paths, ...(input === undefined ? [] : [input])].join("\n");
}

/** The commands that come next, the most useful first. */
export function nextSteps(detail: TaskDetail): string[] {
  const { task } = detail;
  const steps: string[] = [];
  if (detail.questions.some((each) => each.status.state === "open"))
    steps.push(`dispatch answer ${task.slug} <text>`);
  const open = detail.approvals.filter((each) => each.status.state === "open");
  const request = open.length > 1 ? ` ${open[0]!.id}` : "";
  if (open.length > 0)
    steps.push(`dispatch approve ${task.slug}${request}`, `dispatch deny ${task.slug}${request}`);
  if (steps.length > 0) return steps;
  return afterState(task);
}

function afterState(task: Task): string[] {
  switch (task.status.state) {
    case "submitted":
    case "working":
    case "input-required":
      return [`dispatch watch ${task.slug}`];
    case "completed":
      return task.worktree?.state === "present"
        ? [`dispatch diff ${task.slug}`, `dispatch merge ${task.slug}`]
        : [`dispatch result ${task.slug}`];
    case "failed":
      return [...new Set([task.status.hint ?? `dispatch retry ${task.slug}`, `dispatch logs ${task.slug}`])];
    case "canceled":
      return [`dispatch retry ${task.slug}`];
    case "rejected":
      return [];
  }
}

/** One task, whole, for people. */
export function taskText(detail: TaskDetail, look: Look, now: number): string {
  const { task } = detail;
  const where =
    task.worktree && task.worktree.state === "present" ? task.worktree.path : detail.workspace.path;
  const lines = [
    `${look.bold(task.slug)}  ${stateCell(task, look)}`,
    task.title,
    look.dim(`${task.model.name} in ${where}${task.attempt > 1 ? `, attempt ${task.attempt}` : ""}`),
    stateSentence(task, detail.queue, now),
  ];
  if (task.plan.items.length > 0) lines.push("", planText(task.plan, look));
  for (const note of task.plan.notes) lines.push(look.dim(note));
  for (const question of detail.questions)
    if (question.status.state === "open")
      lines.push("", look.colour("yellow", "Question"), indent(questionText(question)));
  for (const approval of detail.approvals)
    if (approval.status.state === "open")
      lines.push(
        "",
        `${look.colour("yellow", "Approval")} ${look.dim(approval.id)}`,
        indent(approvalText(approval)),
      );
  for (const flag of detail.flags) lines.push("", look.colour("red", "Flag"), indent(flag.text));
  if (task.status.state === "completed") lines.push("", task.status.result.summary);
  const steps = nextSteps(detail);
  if (steps.length > 0) lines.push("", `Next: ${steps.join("   ")}`);
  return lines.join("\n");
}
