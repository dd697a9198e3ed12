import { existsSync } from "node:fs";
import type { Task, TaskWorktree } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { dropSnapshot } from "../workspaces/diff.ts";
import { requireRepository, type Repository } from "../workspaces/repository.ts";
import { returnTaskFolder } from "../workspaces/task-folder.ts";
import { checkRemovable, removeWorktree } from "../workspaces/worktree-removal.ts";
import { runFolderIn } from "./place.ts";
import type { Turns } from "./turns.ts";

/** What became of what a task left behind. */
export interface CleanedUp {
  worktree: TaskWorktree | null;
  kept: string[];
  removed: string[];
  /** What did not go well and stopped nothing. */
  notices: string[];
}

interface CleanUp {
  task: Task;
  workspace: Workspace;
  /** Uncommitted and unmerged work is kept as refs, and no reason to stop. */
  force: boolean;
  turns: Turns;
  /** Runs the workspace's teardown. Resolves with what failed. */
  tearDown(runFolder: string): Promise<string[]>;
}

/**
 * Takes away what git and the file system hold of an ended task; each step can be repeated after a crash.
 * @throws DispatchError `refused` for work that would be lost; nothing is changed then
 */
export async function cleanUp(input: CleanUp): Promise<CleanedUp> {
  const { task, workspace } = input;
  const { worktree, snapshot } = task;
  if (worktree !== null && worktree.state !== "removed") return removeRoom(input, worktree);
  // A folder that is gone may lie in a repository that is not.
  const folder = [workspace.path, workspace.repository].find((path) => path !== null && existsSync(path));
  if (snapshot && folder) await dropSnapshot(folder, task.id);
  return { worktree, kept: [], removed: snapshot ? ["snapshot"] : [], notices: [] };
}

async function removeRoom(input: CleanUp, worktree: TaskWorktree): Promise<CleanedUp> {
  const { task, workspace, turns } = input;
  const repository = await requireRepository(workspace.path);
  const removal = removalOf(input, worktree, repository);
  await turns.take(repository.commonDir, () => checkRemovable(removal));
  const runFolder = task.runFolder ?? runFolderIn(worktree.path, repository, workspace.path);
  const notices = await input.tearDown(runFolder);
  return turns.take(repository.commonDir, async () => {
    const folder = await returnTaskFolder({ runFolder, checkout: workspace.path, name: task.slug });
    const { branch, backup } = await removeWorktree({ ...removal, now: Date.now() });
    const gone = branch === "deleted" ? [`branch ${worktree.branch}`] : [];
    const kept = [
      ...(branch === "kept" ? [`branch ${worktree.branch}`] : []),
      ...(backup ? [`backup ${backup}`] : []),
      ...(folder ? [folder] : []),
    ];
    return { worktree: { ...worktree, state: "removed" }, kept, removed: [worktree.path, ...gone], notices };
  });
}

function removalOf({ task, force }: CleanUp, worktree: TaskWorktree, repository: Repository) {
  return {
    repository,
    folder: worktree.path,
    branch: worktree.branch,
    into: worktree.target ?? "HEAD",
    task: task.slug,
    force,
  };
}
