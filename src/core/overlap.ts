import type { Flag } from "../protocol/flag.ts";
import type { FlagId } from "../protocol/id.ts";
import type { Task } from "../protocol/task.ts";
import { isLive } from "./run.ts";
import { cleanLine } from "./line.ts";

/** A running task with the files that its worktrees have changed so far, by the repository's folder. */
export interface Changing {
  readonly task: Task;
  readonly paths: ReadonlyMap<string, ReadonlySet<string>>;
}

/** True where a task's changes stand beside those of others until they are merged. */
export function isApart(task: Task): boolean {
  return isLive(task) && task.session !== null && task.worktree?.state === "present";
}

/** The flag that two tasks write the same files; null when they do not. */
export function overlapFlag(
  { task, paths }: Changing,
  other: Changing,
  { id, now }: { id: FlagId; now: number },
): Flag | null {
  const both = [...paths].flatMap(([repository, own]) => {
    const theirs = other.paths.get(repository);
    return [...own].filter((path) => theirs?.has(path)).sort();
  });
  const [first, ...more] = both;
  if (first === undefined || task.session === null) return null;
  const rest = more.length === 0 ? "" : ` and ${more.length} more ${more.length === 1 ? "file" : "files"}`;
  const text = `${task.slug} and ${other.task.slug} both change ${cleanLine(first)}${rest}`;
  return {
    id,
    task: task.id,
    session: task.session,
    other: other.task.id,
    text,
    raisedAt: now,
    seenAt: null,
  };
}
