import { retryPlan } from "../core/plan.ts";
import { again } from "../core/task.ts";
import type { Task } from "../protocol/task.ts";
import { saveAttempt } from "../store/attempt.ts";
import type { Tx } from "./commit.ts";
import { writeTask } from "./run.ts";

/** Writes the next attempt of a task that has ended; it waits for a worker then. */
export function restart(tx: Tx, task: Task, options: Parameters<typeof again>[1]): Task {
  const next = again(task, options, Date.now());
  writeTask(tx, next.task);
  saveAttempt(tx.db, task.id, next.attempt);
  return next.task;
}

/** The same in the agent's own conversation, as it was. */
export function resumeTask(tx: Tx, task: Task): Task {
  const { model, thinking, budget } = task;
  return restart(tx, task, { resume: true, model, thinking, budget, plan: retryPlan(task.plan, {}) });
}
