import type { Approval } from "../protocol/approval.ts";
import type { Flag } from "../protocol/flag.ts";
import type { HostOrder } from "../protocol/host.ts";
import type { QuestionId } from "../protocol/id.ts";
import type { Question } from "../protocol/question.ts";
import type { Session } from "../protocol/session.ts";
import type { Attempt, Outcome, Task } from "../protocol/task.ts";

/** A command that its host has not finished. `sent`: the agent may have taken it. */
export interface PendingOrder {
  readonly order: HostOrder;
  readonly sent: boolean;
}

/** A task with its current attempt and session, and what is open in it: all that the rules look at. */
export interface Run {
  readonly task: Task;
  readonly attempt: Attempt;
  readonly session: Session;
  readonly questions: readonly Question[];
  readonly approvals: readonly Approval[];
  readonly flags: readonly Flag[];
  readonly orders: readonly PendingOrder[];
}

/** The run as it is now, and what its host is to be told, in order. */
export interface Advance {
  readonly run: Run;
  readonly orders: readonly HostOrder[];
}

/** Facts that a rule needs and may not make: the time in milliseconds, and an id in case a question is opened. */
export interface Facts {
  readonly now: number;
  readonly question: QuestionId;
}

/** True while an attempt runs or waits: its end is not told yet. */
export function isLive(task: Task): boolean {
  return task.status.state === "working" || task.status.state === "input-required";
}

/** True when nothing more happens to a task by itself. */
export function isEnded(task: Task): boolean {
  return !isLive(task) && task.status.state !== "submitted";
}

/** The outcome that is decided and not told yet, because something of the run may still be alive. */
export function endingOf(task: Task): Outcome | null {
  return "ending" in task.status ? task.status.ending : null;
}

/** True while a session has, or is about to have, an agent. */
export function hasAgent(session: Session): boolean {
  return session.status.state !== "stopped" && session.status.state !== "error";
}

/** What an order tells the agent as a turn, or null: then no turn comes of it. */
export function promptOf(order: HostOrder): string | null {
  switch (order.type) {
    case "prompt":
      return order.text;
    case "answer":
    case "note":
      return order.prompt;
    case "interrupt":
    case "decide":
    case "stop":
      return null;
  }
}

/** True while an order waits that becomes a turn. */
export function awaitsTurn({ orders }: Run): boolean {
  return orders.some(({ order }) => promptOf(order) !== null);
}

/** Nothing to tell the host. */
export function still(run: Run): Advance {
  return { run, orders: [] };
}

export function withTask(run: Run, change: Partial<Task>): Run {
  return { ...run, task: { ...run.task, ...change } };
}

export function withSession(run: Run, change: Partial<Session>): Run {
  return { ...run, session: { ...run.session, ...change } };
}

/** What the agent does now. A session that is being stopped stays so until its agent is gone. */
export function withActivity(run: Run, status: Extract<Session["status"], { state: "ready" | "busy" }>): Run {
  return run.session.status.state === "stopping" ? run : withSession(run, { status });
}

/** A busy session says what it waits for. */
export function withWaiting(run: Run): Run {
  const { status } = run.session;
  if (status.state !== "busy") return run;
  const waiting = run.approvals.some(isOpen) ? "approval" : run.questions.some(isOpen) ? "question" : null;
  return status.waiting === waiting ? run : withSession(run, { status: { state: "busy", waiting } });
}

export function isOpen({ status }: { readonly status: { readonly state: string } }): boolean {
  return status.state === "open";
}

/** True while a person is asked whether the task may use more: until then no agent is brought back. */
export function asksForBudget(run: Run): boolean {
  return run.questions.some((each) => each.via === "budget" && isOpen(each));
}

/** Brings back an agent that was let go, or died, while its task waits for a person. */
export function awake(run: Run): Run {
  return hasAgent(run.session) || asksForBudget(run) ? run : nextEpoch(run);
}

/** The session's next life: the supervisor starts it. */
export function nextEpoch(run: Run): Run {
  return withSession(run, { epoch: run.session.epoch + 1, status: { state: "starting" } });
}

/** True where nothing but the worker's word is missing: it waits for nobody, and no item says that it is not done. */
export function isDone({ task }: Run): boolean {
  const undone = task.plan.items.some(({ mark, given }) => (mark === "open" ? given : mark !== "done"));
  return task.status.state === "working" && !undone;
}
