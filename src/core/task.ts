import { DispatchError } from "../base/error.ts";
import type { Flag } from "../protocol/flag.ts";
import type { HostOrder } from "../protocol/host.ts";
import type { QuestionId } from "../protocol/id.ts";
import type { Plan } from "../protocol/plan.ts";
import type { Attempt, ModelChoice, Outcome, Task } from "../protocol/task.ts";
import type { StartFailure, TranscriptEvent, TranscriptRecord } from "../protocol/transcript.ts";
import { applied, gated, withApproval, withdrawOpenApprovals } from "./approval.ts";
import { blockedItems, errorItems, openItems } from "./plan.ts";
import { notePrompt, nudgePrompt, resumePrompt } from "./prompt.ts";
import { asked, resettle, withQuestion } from "./question.ts";
import {
  type Advance,
  type Facts,
  type Run,
  awaitsTurn,
  awake,
  endingOf,
  hasAgent,
  isEnded,
  isLive,
  isOpen,
  nextEpoch,
  promptOf,
  still,
  withActivity,
  withSession,
  withTask,
} from "./run.ts";

/** Reminders that items are open, before an attempt fails as `incomplete`. */
export const MAX_NUDGES = 2;

/** Times that a dead agent is brought back in one attempt without anyone asking, before the task fails. */
export const MAX_RESUMES = 3;

/** What an agent gets to end in its own way when it is cancelled, in milliseconds. */
export const CANCEL_GRACE_MS = 5_000;

/** Starts an attempt: its session gets its first epoch and its first prompt. */
export function begin(run: Run, prompt: string, facts: Facts): Advance {
  const started = withTask(run, { status: { state: "working", since: facts.now, ending: null } });
  const attempt = { ...run.attempt, session: run.session.id, startedAt: facts.now };
  return { run: nextEpoch({ ...started, attempt }), orders: [{ type: "prompt", text: prompt }] };
}

/** Ends an attempt that never had an agent: its setup failed, or it was cancelled in the queue. */
export function neverStarted(
  task: Task,
  attempt: Attempt,
  outcome: Outcome,
  now: number,
): Pick<Run, "task" | "attempt"> {
  return {
    task: { ...task, status: { ...outcome, since: now } },
    attempt: { ...attempt, endedAt: now, outcome },
  };
}

/**
 * The next attempt of a task that has ended: it waits for a worker again. `plan` is the one it starts with.
 * With `resume` it goes on in the session of the last one, in the agent's own conversation.
 * @throws DispatchError `conflict` while the last attempt is not told as ended
 */
export function again(
  task: Task,
  { resume, model, plan }: { resume: boolean; model: ModelChoice; plan: Plan },
  now: number,
): Pick<Run, "task" | "attempt"> {
  if (!isEnded(task))
    throw new DispatchError("conflict", `${task.slug} has not ended`, {
      hint: `dispatch status ${task.slug}`,
    });
  const number = task.attempt + 1;
  return {
    task: {
      ...task,
      model,
      plan,
      attempt: number,
      session: resume ? task.session : null,
      status: { state: "submitted", since: now },
    },
    attempt: newAttempt(model, now, number),
  };
}

/** An attempt that has not begun. */
export function newAttempt(model: ModelChoice, now: number, number = 1): Attempt {
  return {
    number,
    session: null,
    model,
    nudges: 0,
    resumes: 0,
    waitedMs: 0,
    finish: null,
    startedAt: now,
    endedAt: null,
    outcome: null,
  };
}

/** Applies one control event of the session's log. Events of an epoch that is over change nothing. */
export function observe(run: Run, record: TranscriptRecord, facts: Facts): Advance {
  if (record.epoch !== run.session.epoch || !hasAgent(run.session)) return still(run);
  const event = record.event;
  switch (event.type) {
    case "conversation":
      return still(
        withActivity(withSession(run, { conversation: event.resumable ? event.id : null }), {
          state: "ready",
        }),
      );
    case "turn_started":
      return still(withActivity(run, { state: "busy", waiting: null }));
    case "turn_ended":
      return turnEnded(withActivity(run, { state: "ready" }), event, facts);
    case "plan":
      return still(withTask(run, { plan: event.plan }));
    case "finish":
      return finished(run, { summary: event.summary, files: event.files }, facts);
    case "question":
      return still(asked(run, event, facts));
    case "question_withdrawn":
      return questionWithdrawn(run, event.question, facts);
    case "flag":
      return still(flagged(run, event, facts));
    case "approval":
      return gated(run, event, facts);
    case "approval_applied":
      return still(applied(run, event.approval, facts));
    case "approval_withdrawn":
      return still(withApproval(run, event.approval, { state: "withdrawn", at: facts.now }));
    case "start_failed":
      return startFailed(run, event, facts);
    case "gone":
      return gone(run, event, facts);
    case "started":
    case "command":
    case "notice":
    case "text":
    case "thought":
    case "tool":
    case "todos":
    case "usage":
      return still(run);
  }
}

/** Tells a live worker something; one that was let go is brought back for it. */
export function note(run: Run, text: string): Advance {
  if (!isLive(run.task) || endingOf(run.task))
    throw new DispatchError("conflict", `${run.task.slug} is not running`, {
      hint: `dispatch retry ${run.task.slug}`,
    });
  return { run: awake(run), orders: [{ type: "note", text, prompt: notePrompt(text) }] };
}

/** Cancels a live attempt. An outcome that was decided first, or a worker's own "done" that was logged first, stands. */
export function cancel(run: Run, facts: Facts): Advance {
  if (endingOf(run.task)) return still(run);
  const result = run.attempt.finish;
  return end(
    run,
    result && isDone(run) ? { state: "completed", result } : { state: "canceled", result },
    facts,
  );
}

/** Ends a live attempt as failed: its time is over, or its host is lost. */
export function fail(
  run: Run,
  failure: Omit<Extract<Outcome, { state: "failed" }>, "state" | "result">,
  facts: Facts,
): Advance {
  if (endingOf(run.task)) return still(run);
  return end(run, { state: "failed", result: run.attempt.finish, ...failure }, facts);
}

/**
 * Lets go of the agent of a run that waits for a person: the answer brings it back in its own conversation. One that
 * could not be brought back is kept, and so is one that is about to be told something.
 */
export function park(run: Run): Advance {
  const { status, conversation } = run.session;
  const waits = run.task.status.state === "input-required" && status.state === "ready";
  if (!waits || conversation === null || awaitsTurn(run)) return still(run);
  return {
    run: withSession(run, { status: { state: "stopping" } }),
    orders: [{ type: "stop", graceMs: CANCEL_GRACE_MS }],
  };
}

/** An epoch that has no agent and whose host has nothing to say of it: it never started, or the host lost its log. */
export function vanish(run: Run, reason: "stopped" | "lost", facts: Facts): Advance {
  return gone(run, { type: "gone", reason, exitCode: null, killed: 0 }, facts);
}

/** Tells the end of an attempt, once nothing of its run is left. `files` are those that really changed. */
export function conclude(run: Run, files: string[], facts: Facts): Run {
  const ending = endingOf(run.task);
  if (!ending) throw new Error(`${run.task.id} has no outcome to conclude`);
  const result = ending.result && { ...ending.result, files };
  const outcome = { ...ending, result } as Outcome;
  return {
    ...withTask(run, { status: { ...outcome, since: facts.now } }),
    attempt: { ...run.attempt, endedAt: facts.now, outcome },
  };
}

function flagged(run: Run, event: Extract<TranscriptEvent, { type: "flag" }>, facts: Facts): Run {
  if (run.flags.some((each) => each.id === event.flag)) return run;
  const flag: Flag = {
    id: event.flag,
    task: run.task.id,
    session: run.session.id,
    text: event.text,
    raisedAt: facts.now,
    seenAt: null,
  };
  return { ...run, flags: [...run.flags, flag] };
}

/** A worker's own "done" is remembered until its turn ends. Logged before a cancel reached the host, it wins. */
function finished(run: Run, result: NonNullable<Attempt["finish"]>, facts: Facts): Advance {
  const told = { ...run, attempt: { ...run.attempt, finish: result } };
  const ending = endingOf(run.task);
  if (ending?.state !== "canceled" || !isDone(run)) return still(told);
  return still(
    withTask(told, {
      status: { state: "working", since: facts.now, ending: { state: "completed", result } },
    }),
  );
}

/** True where nothing but the worker's word is missing: it waits for nobody, and no item says that it is not done. */
function isDone({ task }: Run): boolean {
  const undone = task.plan.items.some(({ mark, given }) => (mark === "open" ? given : mark !== "done"));
  return task.status.state === "working" && !undone;
}

function turnEnded(run: Run, event: Extract<TranscriptEvent, { type: "turn_ended" }>, facts: Facts): Advance {
  if (goesOn(run)) return still(run);
  if (event.end === "error" || event.end === "refusal")
    return end(
      run,
      {
        state: "failed",
        reason: "agent-error",
        message:
          event.message ?? (event.end === "refusal" ? "the model refused the task" : "the agent failed"),
        result: run.attempt.finish,
      },
      facts,
    );
  return judgeTurn(run, event.said, facts);
}

/** The worker takes its question back. One that had ended its turn on it waits for nothing any more. */
function questionWithdrawn(run: Run, question: QuestionId, facts: Facts): Advance {
  const settled = resettle(withQuestion(run, question, { state: "withdrawn", at: facts.now }), facts);
  const idle = settled.session.status.state === "ready" && !goesOn(settled);
  return idle ? judgeTurn(settled, "", facts) : still(settled);
}

/** True while something is bound to move a run whose agent has ended its turn: its end, a person, or its next turn. */
function goesOn(run: Run): boolean {
  return endingOf(run.task) !== null || run.task.status.state === "input-required" || awaitsTurn(run);
}

/** What a turn came to, by the plan: a question, a reminder, or the outcome. `said` is the summary where none was given. */
function judgeTurn(run: Run, said: string, facts: Facts): Advance {
  const { task, attempt } = run;
  const result = attempt.finish ?? { summary: said, files: [] };
  const blocked = blockedItems(task.plan);
  if (blocked.length > 0) {
    const text = blocked.map((item) => [item.text, ...item.notes].join("\n")).join("\n\n");
    return still(
      asked(run, { type: "question", question: facts.question, text, options: [], via: "plan" }, facts),
    );
  }
  const broken = errorItems(task.plan);
  if (broken.length > 0) {
    const message = broken.map((item) => [item.text, ...item.notes].join(": ")).join("; ");
    return end(run, { state: "failed", reason: "agent-error", message, result }, facts);
  }
  const left = openItems(task.plan);
  if (left.length > 0 && attempt.nudges < MAX_NUDGES)
    return {
      run: { ...run, attempt: { ...attempt, nudges: attempt.nudges + 1 } },
      orders: [{ type: "prompt", text: nudgePrompt(left) }],
    };
  const missing = left.filter((item) => item.given);
  if (missing.length > 0) {
    const message = `${missing.length} of ${task.plan.items.length} items are still open, first: ${missing[0]!.text}`;
    return end(
      run,
      { state: "failed", reason: "incomplete", message, hint: `dispatch retry ${task.slug}`, result },
      facts,
    );
  }
  return end(run, { state: "completed", result }, facts);
}

/** Decides the outcome: open questions and approvals are withdrawn, the host ends the run, and `gone` lets it be told. */
function end(run: Run, ending: Outcome, facts: Facts): Advance {
  const status = { state: "withdrawn", at: facts.now } as const;
  const closed: Run = {
    ...withdrawOpenApprovals(run, facts),
    questions: run.questions.map((each) => (isOpen(each) ? { ...each, status } : each)),
  };
  const decided = withTask(closed, { status: { state: "working", since: facts.now, ending } });
  if (!hasAgent(run.session)) return still(decided);
  return {
    run: withSession(decided, { status: { state: "stopping" } }),
    orders: [{ type: "stop", graceMs: CANCEL_GRACE_MS }],
  };
}

function gone(run: Run, event: Extract<TranscriptEvent, { type: "gone" }>, facts: Facts): Advance {
  const left = withdrawOpenApprovals(withSession(run, { status: { state: "stopped" } }), facts);
  const { task, attempt, session } = left;
  if (endingOf(task)) return still(left);
  const unsent = left.orders.some(({ order, sent }) => !sent && promptOf(order) !== null);
  if (session.conversation && task.status.state === "input-required" && !unsent) return still(left);
  const resumes = attempt.resumes + (event.reason === "stopped" ? 0 : 1); // we parked it: no failure of its own
  if (session.conversation && resumes <= MAX_RESUMES)
    return { run: nextEpoch({ ...left, attempt: { ...attempt, resumes } }), orders: resumeOrders(left) };
  const crashed = event.reason === "crashed";
  return fail(
    left,
    {
      reason: crashed ? "agent-error" : "lost",
      message:
        event.message ?? (crashed ? "the agent ended by itself" : "the agent is gone and cannot be resumed"),
      hint: `dispatch retry ${task.slug}`,
    },
    facts,
  );
}

/**
 * What a resumed agent is told. Orders that never left the host still come; those that the dead agent may or may not
 * have taken are told again as such, so that nothing is done twice in silence.
 */
function resumeOrders(run: Run): HostOrder[] {
  const waiting = run.orders.some(({ order, sent }) => !sent && promptOf(order) !== null);
  const uncertain = run.orders.flatMap(({ order, sent }) => (sent ? (promptOf(order) ?? []) : []));
  if (waiting && uncertain.length === 0) return [];
  return [{ type: "prompt", text: resumePrompt(run.task.plan, uncertain) }];
}

function startFailed(
  run: Run,
  event: Extract<TranscriptEvent, { type: "start_failed" }>,
  facts: Facts,
): Advance {
  const lost = event.reason === "resume";
  const message = event.message;
  return fail(run, { reason: lost ? "lost" : "setup", message, hint: startHint(event.reason, run) }, facts);
}

function startHint(reason: StartFailure, run: Run): string {
  switch (reason) {
    case "missing":
    case "login":
      return "dispatch agents";
    case "model":
      return `dispatch retry ${run.task.slug} --model <name>`;
    case "resume":
      return `dispatch retry ${run.task.slug}`;
    case "protocol":
    case "timeout":
    case "crashed":
      return `dispatch logs ${run.task.slug}`;
  }
}
