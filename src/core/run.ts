import type { Approval } from "../protocol/approval.ts";
import type { Flag } from "../protocol/flag.ts";
import type { Order } from "../protocol/host.ts";
import type { CommandId, FlagId, QuestionId } from "../protocol/id.ts";
import type { Message } from "../protocol/message.ts";
import type { Question } from "../protocol/question.ts";
import type { Session, TerminalNeed } from "../protocol/session.ts";
import type { Attempt, Outcome, Task } from "../protocol/task.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";

/** What an agent gets to end in its own way when it is cancelled, in milliseconds. */
export const CANCEL_GRACE_MS = 5_000;

/** A command that its host has not finished. `sent`: the agent may have taken it. */
export interface PendingOrder {
  readonly id: CommandId;
  readonly order: Order;
  readonly sent: boolean;
}

/**
 * A session with what is open in it: all that the rules of a conversation look at. `approvals` are those that still
 * count, `messages` those that are not told yet or whose turn is not over, in order; `wasTold`: it was told one before.
 */
export interface Talk {
  readonly session: Session;
  readonly approvals: readonly Approval[];
  readonly messages: readonly Message[];
  readonly wasTold: boolean;
  readonly orders: readonly PendingOrder[];
}

/** A task with its current attempt and session, and what is open in it: all that the rules look at. */
export interface Run extends Talk {
  readonly task: Task;
  readonly attempt: Attempt;
  /** How long its earlier attempts worked, in milliseconds. */
  readonly earlierMs: number;
  readonly questions: readonly Question[];
  readonly flags: readonly Flag[];
}

/** The run as it is now, and what its host is to be told, in order. */
export interface Advance<R extends Talk = Run> {
  readonly run: R;
  readonly orders: readonly Order[];
}

/** Facts that a rule needs and may not make: the time in milliseconds, and ids in case something is opened. */
export interface Facts {
  readonly now: number;
  readonly question: QuestionId;
  readonly flag: FlagId;
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

/** What an order tells the agent as a turn, in its own words; null: no turn comes of it, or a message's. */
export function promptOf(order: Order): string | null {
  switch (order.type) {
    case "prompt":
      return order.text;
    case "answer":
    case "note":
      return order.prompt;
    case "interrupt":
    case "message":
    case "decide":
    case "stop":
      return null;
  }
}

/** True for an order that becomes a turn. */
export function becomesTurn(order: Order): boolean {
  return order.type === "message" || promptOf(order) !== null;
}

/** True for a message that the agent was not told yet. */
export function isWaiting({ receipt }: Message): boolean {
  return receipt.state === "accepted" || receipt.state === "queued";
}

/** True while something waits that becomes a turn. */
export function awaitsTurn({ orders, messages }: Pick<Talk, "orders" | "messages">): boolean {
  return orders.some(({ order }) => becomesTurn(order)) || messages.some(isWaiting);
}

/** Nothing to tell the host. */
export function still<R extends Talk>(run: R): Advance<R> {
  return { run, orders: [] };
}

export function withTask(run: Run, change: Partial<Task>): Run {
  return { ...run, task: { ...run.task, ...change } };
}

export function withSession<R extends Pick<Talk, "session">>(run: R, change: Partial<Session>): R {
  return { ...run, session: { ...run.session, ...change } };
}

/** What the agent does now. A session that is being stopped stays so until its agent is gone. */
export function withActivity<R extends Talk>(
  run: R,
  status: Extract<Session["status"], { state: "ready" | "busy" }>,
): R {
  return run.session.status.state === "stopping" ? run : withSession(run, { status });
}

/** The agent waits for a person at its own terminal, or does not any more. */
export function atTerminal<R extends Talk>(
  run: R,
  event: Extract<TranscriptEvent, { type: "dialogue" | "dialogue_ended" }>,
  { now }: Facts,
): R {
  if (event.type === "dialogue")
    return withActivity(run, { ...waitingFor(run, event.needs, now), doing: event.about });
  return withActivity(run, event.busy ? { state: "busy", waiting: null } : { state: "ready" });
}

/** An agent waits at its terminal; where it did so already, it is the same wait. */
export function waitingFor({ session: { status } }: Talk, waiting: TerminalNeed, now: number) {
  const isSame = status.state === "busy" && status.waiting === waiting;
  return { state: "busy", waiting, since: (isSame ? status.since : undefined) ?? now } as const;
}

/** The agent has opened its conversation, and waits for a turn. */
export function opened<R extends Talk>(
  run: R,
  { id, resumable, forkable, images }: Extract<TranscriptEvent, { type: "conversation" }>,
): R {
  const conversation = resumable ? id : null;
  const named = withSession(run, {
    conversation,
    forkable: forkable ?? false,
    ...(images === undefined ? {} : { images }),
  });
  return named.session.status.state === "starting" ? withActivity(named, { state: "ready" }) : named; // busy: told in a turn
}

/** A busy session says what it waits for. */
export function withWaiting<R extends Talk & Partial<Pick<Run, "questions">>>(run: R): R {
  const { status } = run.session;
  if (status.state !== "busy") return run;
  const waiting = run.approvals.some(isOpen) ? "approval" : run.questions?.some(isOpen) ? "question" : null;
  return status.waiting === waiting ? run : withSession(run, { status: { state: "busy", waiting } });
}

export function isOpen({ status }: { readonly status: { readonly state: string } }): boolean {
  return status.state === "open";
}

/** True for a question that is no worker's own: may the task, or its sweep, use more? */
export function isAboutBudget({ via }: Pick<Question, "via">): boolean {
  return via === "budget" || via === "sweep-budget";
}

/** True while a person is asked whether the task may use more: until then no agent is brought back. */
export function asksForBudget({ questions = [] }: Partial<Pick<Run, "questions">>): boolean {
  return questions.some((each) => isAboutBudget(each) && isOpen(each));
}

/** True while no agent is brought back, whatever it is to be told: a limit is not over yet, or a budget is used up. */
function isHeldBack(run: Partial<Pick<Run, "task" | "questions">>): boolean {
  return Boolean(run.task?.parked) || asksForBudget(run);
}

/** Brings back an agent that was let go, or died, or sees to it that it is brought back once it is gone. */
export function awake<R extends Talk & Partial<Pick<Run, "task" | "questions">>>(run: R): R {
  const { status } = run.session;
  if (status.state === "stopping") return withSession(run, { status: { ...status, again: true } });
  return hasAgent(run.session) || isHeldBack(run) ? run : nextEpoch(run);
}

/** The agent is to be ended, and is gone once its host says so. */
export function stopping<R extends Talk>(run: R, why: "asked" | "idle"): Advance<R> {
  return {
    run: withSession(run, { status: { state: "stopping", why, again: false } }),
    orders: [{ type: "stop", graceMs: CANCEL_GRACE_MS }],
  };
}

/** Nothing of the agent is left. */
export function stopped<R extends Talk>(
  run: R,
  reason: Extract<TranscriptEvent, { type: "gone" }>["reason"],
): R {
  const { status } = run.session;
  const why = status.state === "stopping" ? status.why : reason === "stopped" ? "asked" : "lost";
  return withSession(run, { status: { state: "stopped", why } });
}

/** The session's next life: the supervisor starts it. */
export function nextEpoch<R extends Talk>(run: R): R {
  return withSession(run, { epoch: run.session.epoch + 1, status: { state: "starting" }, stale: false });
}

/** True where nothing but the worker's word is missing: it waits for nobody, and no item says that it is not done. */
export function isDone({ task }: Run): boolean {
  const undone = task.plan.items.some(({ mark, given }) => (mark === "open" ? given : mark !== "done"));
  return task.status.state === "working" && !undone;
}
