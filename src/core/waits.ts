import type { TaskId } from "../protocol/id.ts";
import type { Task } from "../protocol/task.ts";
import { isEnded } from "./run.ts";

/** What keeps a task from starting: see `waitsFor` and `blockedBy` of a Task. */
export type Waits = Pick<Task, "waitsFor" | "blockedBy">;

/** What a task that has not started waits for, by the tasks that it comes after as they are now. */
export function waitsOf(dependencies: readonly Task[]): Waits {
  const left = dependencies.filter(({ status }) => status.state !== "completed");
  const blockers = left.flatMap((task): TaskId[] => (isEnded(task) ? [task.id] : task.blockedBy));
  return { waitsFor: left.map(({ id }) => id), blockedBy: [...new Set(blockers)] };
}

/**
 * A task after one that it comes after has changed; the same one where that says nothing new. Its wait for a worker
 * counts from when it waits for no task any more.
 */
export function rewaited(task: Task, dependencies: readonly Task[], now: number): Task {
  if (task.status.state !== "submitted") return task;
  const waits = waitsOf(dependencies);
  if (isSame(waits.waitsFor, task.waitsFor) && isSame(waits.blockedBy, task.blockedBy)) return task;
  const freed = waits.waitsFor.length === 0;
  return { ...task, ...waits, status: freed ? { ...task.status, since: now } : task.status };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at]);
}
