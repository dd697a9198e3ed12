import { hurriedTask } from "../core/limit.ts";
import { retryPlan } from "../core/plan.ts";
import { again } from "../core/task.ts";
import type { Attempt, ModelChoice, Task } from "../protocol/task.ts";
import { saveAttempt } from "../store/attempt.ts";
import { dropPending } from "../store/command.ts";
import { getSession } from "../store/session.ts";
import type { Tx } from "./commit.ts";
import { writeEnd, writeTask } from "./run.ts";

/** Writes the next attempt of a task that has ended; it waits for a worker then. */
export function restart(tx: Tx, task: Task, options: Parameters<typeof again>[1]): Task {
  const next = again(task, options, Date.now());
  writeTask(tx, next.task);
  saveAttempt(tx.db, task.id, next.attempt);
  return next.task;
}

/** The same as it was: in the agent's own conversation, or where there is none at the first open item. */
export function resumeTask(tx: Tx, task: Task): Task {
  const session = task.session && getSession(tx.db, task.session);
  return restart(tx, task, asItWas(task, { resume: Boolean(session && session.conversation) }));
}

/** Writes the end of an attempt; with a model to go on with at once it is nobody's news. */
export function endOrGoOn(tx: Tx, ended: { task: Task; attempt: Attempt }, model: ModelChoice | null): Task {
  if (!model) return writeEnd(tx, ended);
  const { task, attempt } = ended;
  saveAttempt(tx.db, task.id, attempt);
  if (task.session) dropPending(tx.db, task.session);
  return restart(tx, task, { ...asItWas(task, { resume: false }), model });
}

/** A task that waits for the end of a limit is tried at the next occasion. */
export function hurry(tx: Tx, task: Task): Task {
  const hurried = hurriedTask(task, Date.now());
  writeTask(tx, hurried);
  return hurried;
}

function asItWas({ model, thinking, budget, plan }: Task, { resume }: { resume: boolean }) {
  return { resume, model, thinking, budget, plan: retryPlan(plan, {}) };
}
