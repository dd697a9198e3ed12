import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { DispatchError } from "../base/error.ts";
import type { FileChange } from "../protocol/change.ts";
import type { Task, TaskWorktree } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { changes, snapshot } from "../workspaces/diff.ts";
import { type Repository, findRepository, requireRepository } from "../workspaces/repository.ts";
import { prepareTaskFolder } from "../workspaces/task-folder.ts";
import { createWorktree, takenName } from "../workspaces/worktree.ts";

/** Names that are tried for a worktree before its task fails: `slug`, `slug-2`, … */
const MAX_NAMES = 50;

/** Where a task runs, and what its changes are measured against. */
export interface Place {
  runFolder: string;
  worktree: TaskWorktree | null;
  snapshot: string | null;
  /** The real path of the task folder, below `runFolder`. */
  taskFolder: string;
}

/**
 * Makes the place of a task, or finds it again: every step can be repeated after a crash.
 * @param reserve writes down the worktree's name before anything is made under it
 * @throws DispatchError what git or the file system refused
 */
export async function preparePlace(
  home: string,
  { task, workspace }: { task: Task; workspace: Workspace },
  reserve: (worktree: TaskWorktree) => void,
): Promise<Place> {
  const prepare = (runFolder: string, repository?: Repository | null) =>
    prepareTaskFolder({ runFolder, checkout: workspace.path, name: task.slug, repository });
  if (task.runFolder !== null && task.worktree?.state !== "removed") {
    const { runFolder, worktree } = task;
    return { runFolder, worktree, snapshot: task.snapshot, taskFolder: await prepare(runFolder) };
  }
  if (task.wantsWorktree) {
    const repository = await requireRepository(workspace.path);
    const name = await reserved(home, { task, workspace }, repository, reserve);
    const room = await makeWorktree(repository, name, workspace);
    return { ...room, taskFolder: await prepare(room.runFolder, repository) };
  }
  const repository = await findRepository(workspace.path);
  const [tree, taskFolder] = await Promise.all([
    repository && !repository.bare ? snapshot(repository, task.id) : null,
    prepare(workspace.path, repository),
  ]);
  return { runFolder: workspace.path, worktree: null, snapshot: tree, taskFolder };
}

/** The files that a task has changed so far, itself aside; none outside git. */
export async function changesOf(task: Task): Promise<FileChange[]> {
  const base = task.worktree?.base ?? task.snapshot;
  if (task.runFolder === null || base === null || task.worktree?.state === "removed") return [];
  return changes(task.runFolder, base);
}

async function makeWorktree(
  repository: Repository,
  name: TaskWorktree,
  workspace: Workspace,
): Promise<Omit<Place, "taskFolder">> {
  const made = await createWorktree({ repository, folder: name.path, branch: name.branch });
  const worktree = { ...name, path: made.folder, base: made.base, state: "present" as const };
  const runFolder = join(made.folder, relative(repository.root, workspace.path));
  await mkdir(runFolder, { recursive: true }); // the commit has no folder in which it has no file
  return { runFolder, worktree, snapshot: null };
}

/** The name that the task has reserved, or the first free one. */
async function reserved(
  home: string,
  { task, workspace }: { task: Task; workspace: Workspace },
  repository: Repository,
  reserve: (worktree: TaskWorktree) => void,
): Promise<TaskWorktree> {
  if (task.worktree?.state === "making") return task.worktree;
  for (let count = 1; count <= MAX_NAMES; count++) {
    const name = count === 1 ? task.slug : `${task.slug}-${count}`;
    const folder = join(home, "worktrees", workspace.id, name);
    const branch = `dispatch/${name}`;
    if ((await takenName({ repository, folder, branch })) !== null) continue;
    const target = repository.branch;
    const worktree: TaskWorktree = { path: folder, branch, base: "", target, state: "making" };
    reserve(worktree);
    return worktree;
  }
  throw new DispatchError("conflict", `the branches dispatch/${task.slug} to -${MAX_NAMES} are all taken`, {
    hint: "dispatch clean",
  });
}
