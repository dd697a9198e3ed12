import type { Plan, PlanMark } from "../protocol/plan.ts";
import type { TaskDetail } from "../protocol/api.ts";
import type { FailureReason, Outcome, Parked, Task } from "../protocol/task.ts";
import { formatDuration } from "./duration.ts";
import type { Colour, Look } from "./output.ts";

/** The marks of `plan.md`. */
const MARKS: Record<PlanMark, string> = { open: "[ ]", done: "[x]", blocked: "[?]", error: "[!]" };
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

/** A task's state in one or two words. */
export function stateWord(task: Task): string {
  const status = task.status;
  switch (status.state) {
    case "submitted":
      if (task.blockedBy.length > 0) return "blocked";
      return task.waitsFor.length > 0 ? "waits" : "queued";
    case "working":
      if (status.ending) return endingWord(status.ending);
      return task.parked ? "waits" : "working";
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

/** What a task waits for that is not in itself: its place in the queue, or the limit of its agent. */
type Waits = Pick<TaskDetail, "queue" | "held">;

/** For one that is known to wait for neither, or where it is not known. */
export const NO_WAIT: Waits = { queue: null, held: null };

/** A task's state as a sentence. */
export function stateSentence(task: Task, { queue, held }: Waits, now: number): string {
  const status = task.status;
  const age = formatDuration(now - status.since);
  switch (status.state) {
    case "submitted":
      return held && task.waitsFor.length === 0
        ? parkedSentence(held, task.model.agent, now)
        : waitSentence(task, queue);
    case "working":
      if (status.ending) return `${endingWord(status.ending)}, for ${age}`;
      return task.parked ? parkedSentence(task.parked, task.model.agent, now) : `working for ${age}`;
    case "input-required":
      return `waits for your answer for ${age}`;
    case "completed":
      return `completed ${age} ago`;
    case "failed":
      return `failed ${age} ago, ${failure(task)}`;
    case "canceled":
      return `canceled ${age} ago`;
    case "rejected":
      return `rejected: ${status.message}`;
  }
}

/** `waits until 15:00 for the usage limit of claude`. */
function parkedSentence({ until, limit }: Parked, agent: string, now: number): string {
  if (until <= now) return `waits for a free worker, to see whether the ${limit} limit of ${agent} is over`;
  return `waits until ${timeText(until, now)} for the ${limit} limit of ${agent}`;
}

/** The time of day, with the day where that is another one. */
function timeText(at: number, now: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

function waitSentence({ waitsFor, blockedBy }: Task, queue: number | null): string {
  if (blockedBy.length > 0)
    return `does not start: ${tasksWord(blockedBy.length)} before it failed or ${blockedBy.length === 1 ? "was" : "were"} canceled`;
  if (waitsFor.length > 0) return `waits for ${tasksWord(waitsFor.length)} to be completed`;
  return queue === null ? "waits for its turn" : `waits for a free worker (number ${queue} in the queue)`;
}

function tasksWord(count: number): string {
  return count === 1 ? "a task" : `${count} tasks`;
}

/** Why a task failed; nothing for one that did not. */
export function failure({ status }: Task): string {
  return status.state === "failed" ? `${REASONS[status.reason]}: ${status.message}` : "";
}

function stateColour(task: Task): Colour | null {
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
      return task.blockedBy.length > 0 ? "red" : null;
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
