import { cancel } from "../core/end.ts";
import { isEnded } from "../core/run.ts";
import { neverStarted } from "../core/task.ts";
import type { Task } from "../protocol/task.ts";
import { getAttempt } from "../store/attempt.ts";
import { getTask } from "../store/task.ts";
import type { Tx } from "./commit.ts";
import type { Parts } from "./parts.ts";
import { advance, writeEnd } from "./run.ts";

/** Cancels those of the tasks that have not ended: the last first, so that none is told as blocked on the way. */
export function cancelTasks(tx: Tx, tasks: readonly Task[]): Task[] {
  const open = tasks.filter((task) => !isEnded(task)).toReversed();
  for (const { id } of open) {
    const task = getTask(tx.db, id)!;
    if (task.status.state === "submitted") withdraw(tx, task);
    else advance(tx, id, cancel);
  }
  return open.toReversed().map(({ id }) => getTask(tx.db, id)!);
}

/** Has the hosts of tasks told, and others started in the room that there is. To be called after the commit. */
export function tellHosts(tasks: readonly Task[], { supervisor, scheduler }: Parts): void {
  for (const { session } of tasks) if (session) supervisor.attend(session);
  scheduler.consider();
}

/** Ends a task that waits in the queue. */
function withdraw(tx: Tx, task: Task): void {
  const attempt = getAttempt(tx.db, task.id, task.attempt)!;
  writeEnd(tx, neverStarted(task, attempt, { state: "canceled", result: null }, Date.now()));
}
