import { DispatchError } from "../base/error.ts";
import { mergeCommand } from "../core/merge.ts";
import type { Config } from "../protocol/config.ts";
import type { Task, TaskWorktree } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { commitAll } from "../workspaces/commit.ts";
import { joinWork, type Work } from "../workspaces/joined-work.ts";
import { findRepository, type Repository, resolveCommit } from "../workspaces/repository.ts";
import { isGated } from "./mergeable.ts";
import { type Rooms, roomsOf } from "./rooms.ts";
import { dependenciesOf } from "./run.ts";
import type { Turns } from "./turns.ts";

/**
 * The commit that a task in a worktree of its own starts from: what those before it produced in theirs, or null where
 * there is none of that. Work that was merged is taken from where it was merged into. What ran in the checkout itself
 * stays there until its user commits it.
 * @throws DispatchError `conflict` when the works do not go together
 */
export async function earlierWork(
  db: Db,
  task: Task,
  { repository, turns, config }: { repository: Repository; turns: Turns; config: Config },
): Promise<string | null> {
  const works: Work[] = [];
  for (const before of dependenciesOf(db, task)) {
    const worktree = await worktreeIn(repository, roomsOf(db, before));
    if (worktree === null) continue;
    const commit = await turns.take(repository.commonDir, () => commitOf(repository, before, worktree));
    works.push({
      name: before.slug,
      commit,
      hint: `${mergeCommand(before.slug, { gated: isGated(db, before, config) })}, settle the conflicts, then dispatch retry ${task.slug}`,
    });
  }
  const [first, ...rest] = works;
  return first ? joinWork(repository, [first, ...rest]) : null;
}

/** The worktree that a task has in a repository; null: none. */
async function worktreeIn({ commonDir }: Repository, rooms: Rooms): Promise<TaskWorktree | null> {
  for (const { workspace, worktree } of rooms)
    if (worktree && (await findRepository(workspace.path))?.commonDir === commonDir) return worktree;
  return null;
}

/** Where the work of a task is now. */
async function commitOf(repository: Repository, task: Task, worktree: TaskWorktree): Promise<string> {
  if (worktree.state === "present") return commitAll(worktree.path, task.title);
  const branch = worktree.state === "merged" ? null : await tipOf(repository, worktree.branch);
  const commit = branch ?? (worktree.target && (await tipOf(repository, worktree.target)));
  if (commit) return commit;
  throw new DispatchError("not_found", `the work of ${task.slug} is gone: there is no ${worktree.branch}`, {
    hint: `dispatch retry ${task.slug}`,
  });
}

function tipOf({ root }: Repository, branch: string): Promise<string | null> {
  return resolveCommit(root, `refs/heads/${branch}`);
}
