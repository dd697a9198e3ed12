import type { Outcome } from "../protocol/task.ts";
import { withdrawOpenApprovals } from "./approval.ts";
import { refuseWaiting } from "./message.ts";
import {
  type Advance,
  type Facts,
  type Run,
  awaitsTurn,
  endingOf,
  hasAgent,
  isDone,
  isOpen,
  still,
  stopping,
  withTask,
} from "./run.ts";

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
  return stopping(run, "idle");
}

/** Decides the outcome: open questions and approvals are withdrawn, the host ends the run, and `gone` lets it be told. */
export function end(run: Run, ending: Outcome, facts: Facts): Advance {
  const status = { state: "withdrawn", at: facts.now } as const;
  const closed: Run = {
    ...refuseWaiting(withdrawOpenApprovals(run, facts), "the task ended before it was told"),
    questions: run.questions.map((each) => (isOpen(each) ? { ...each, status } : each)),
  };
  const decided = withTask(closed, {
    status: { state: "working", since: facts.now, ending },
    parked: null,
  });
  if (!hasAgent(run.session)) return still(decided);
  return stopping(decided, "asked");
}

/** Tells the end of an attempt, once nothing of its run is left. `files` are those that really changed. */
export function conclude(run: Run, files: string[], facts: Facts): Run {
  const ending = endingOf(run.task);
  if (!ending) throw new Error(`${run.task.id} has no outcome to conclude`);
  const result = ending.result && { ...ending.result, files };
  const outcome = { ...ending, result } as Outcome;
  return {
    ...withTask(run, { status: { ...outcome, since: facts.now } }),
    attempt: { ...run.attempt, endedAt: facts.now, outcome, plan: run.task.plan },
  };
}
