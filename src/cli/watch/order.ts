import type { Task } from "../../protocol/task.ts";
import { isEnded } from "../../core/run.ts";

/** Tasks that have ended and are still shown, the newest. */
export const SHOWN_ENDED = 30;

/** What waits for a person first, then what runs, then what waits for a worker, oldest first; then what has ended, newest first. */
export function inOrder(tasks: Iterable<Task>, waits: (id: Task["id"]) => boolean): Task[] {
  const all = [...tasks];
  const open = all.filter((task) => !isEnded(task)).sort((a, b) => a.createdAt - b.createdAt);
  const ended = all.filter(isEnded).sort((a, b) => b.status.since - a.status.since);
  const waiting = [...open, ...ended].filter(({ id }) => waits(id));
  const running = open.filter((task) => task.status.state !== "submitted");
  const queued = open.filter((task) => task.status.state === "submitted");
  return [...new Set([...waiting, ...running, ...queued, ...ended.slice(0, SHOWN_ENDED)])];
}
