import type { Task } from "../protocol/task.ts";
import { formatDuration } from "./duration.ts";
import { type Look, table } from "./output.ts";
import { spentOfText } from "./spent-words.ts";
import { progress, stateCell } from "./task-words.ts";

/** Tasks as a list: slug, state, progress, what it used, model, age, title. */
export function taskTable(tasks: readonly Task[], look: Look, now: number): string {
  const rows = tasks.map((task) => [
    look.bold(task.slug),
    stateCell(task, look),
    progress(task.plan),
    spentOfText(task.spent, task.budget),
    task.model.name,
    formatDuration(now - task.createdAt),
    task.title,
  ]);
  return table(rows, look);
}
