import type { TaskId } from "../protocol/id.ts";
import type { Sweep } from "../protocol/sweep.ts";

/** True while nobody has taken one of the results of a prompt that several models got. */
export function hasRivals({ of, taken }: Sweep): boolean {
  return of === "models" && taken === null;
}

/** False for the result of a rival in whose place another one was taken. */
export function isOnOffer(task: TaskId, sweep: Sweep): boolean {
  return sweep.of === "tasks" || hasRivals(sweep) || sweep.taken === task;
}

/** True for a result that is merged with others: not one of those of which a person takes one. */
export function isMergedWithOthers(task: TaskId, sweep: Sweep): boolean {
  return isOnOffer(task, sweep) && !hasRivals(sweep);
}
