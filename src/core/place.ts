import type { Task, TaskPlace, TaskWorktree } from "../protocol/task.ts";
import type { FileChange } from "../protocol/change.ts";

/** What a name keeps when a folder is made of it. */
const UNSAFE = /[^\p{L}\p{N}._-]+/gu;
const NAMELESS = "repository";

/** What a task has in each of its workspaces, its own first. */
export function placesOf({
  workspace,
  worktree,
  snapshot,
  also,
}: Pick<Task, "workspace" | "worktree" | "snapshot" | "also">): Omit<TaskPlace, "name">[] {
  return [{ workspace, worktree, snapshot }, ...also];
}

/** The same task with this in each of its places, in their order. */
export function withPlaces(
  task: Task,
  places: readonly Pick<TaskPlace, "worktree" | "snapshot">[],
): Pick<Task, "worktree" | "snapshot" | "also"> {
  const [{ worktree, snapshot }, ...further] = places as [TaskPlace, ...TaskPlace[]];
  const also = task.also.map((place, at) => ({
    ...place,
    worktree: further[at]!.worktree,
    snapshot: further[at]!.snapshot,
  }));
  return { worktree, snapshot, also };
}

/** The same task with all of its worktrees in this state. */
export function withWorktrees(task: Task, state: TaskWorktree["state"]): Task {
  const places = placesOf(task).map(({ worktree, snapshot }) => ({
    worktree: worktree && { ...worktree, state },
    snapshot,
  }));
  return { ...task, ...withPlaces(task, places) };
}

/** True where work of a task lies in a worktree that is not merged. */
export function hasUnmerged(task: Task): boolean {
  return placesOf(task).some(({ worktree }) => worktree?.state === "present");
}

/** What a workspace is called among those of one task: by its folder, in a way that can name a folder itself. */
export function placeName(path: string, taken: readonly string[] = []): string {
  const base =
    path
      .split("/")
      .at(-1)!
      .replaceAll(UNSAFE, "-")
      .replace(/^[.-]+/, "") || NAMELESS;
  if (!taken.includes(base)) return base;
  for (let count = 2; ; count++) if (!taken.includes(`${base}-${count}`)) return `${base}-${count}`;
}

/** A file of one of several repositories, below that one's name. */
export function fileBelow(name: string, file: FileChange): FileChange {
  const from = file.from === undefined ? {} : { from: `${name}/${file.from}` };
  return { ...file, path: `${name}/${file.path}`, ...from };
}
