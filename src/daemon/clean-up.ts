import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DispatchError } from "../base/error.ts";
import type { Task, TaskPlace, TaskWorktree } from "../protocol/task.ts";
import { dropAttempts } from "../workspaces/attempt.ts";
import { dropSnapshot } from "../workspaces/diff.ts";
import { exists, requireRepository, type Repository } from "../workspaces/repository.ts";
import { returnTaskFolder } from "../workspaces/task-folder.ts";
import { checkRemovable, removeWorktree } from "../workspaces/worktree-removal.ts";
import { folderOf, type Room, type Rooms } from "./rooms.ts";
import type { Turns } from "./turns.ts";

/** What became of what a task left behind. `places`: what it has now in each of its rooms, in their order. */
export interface CleanedUp {
  places: Pick<TaskPlace, "worktree" | "snapshot">[];
  kept: string[];
  removed: string[];
  /** What did not go well and stopped nothing. */
  notices: string[];
}

interface CleanUp {
  task: Task;
  rooms: Rooms;
  /** The command that merges its work; null for work that is not to be merged. */
  merge: string | null;
  /** Uncommitted and unmerged work is kept as refs, and no reason to stop. */
  force: boolean;
  turns: Turns;
  /** Runs a workspace's teardown in its folder. Resolves with what failed. */
  tearDown(room: { workspace: Room["workspace"]; folder: string }): Promise<string[]>;
}

/** A room with a worktree to be removed. */
interface Doomed extends Room {
  worktree: TaskWorktree;
  repository: Repository;
}

/**
 * Takes away what git and the file system hold of an ended task; each step can be repeated after a crash.
 * @throws DispatchError `refused` for work that would be lost in any of its repositories; nothing is changed then
 */
export async function cleanUp(input: CleanUp): Promise<CleanedUp> {
  const { task, rooms } = input;
  if (task.worktree !== null && task.worktree.state !== "removed")
    return rooms.every(isOrphaned) ? removeOrphans(input) : removeRooms(input);
  const dropped = rooms.filter(({ snapshot }) => snapshot !== null);
  for (const { workspace } of dropped) {
    // A folder that is gone may lie in a repository that is not.
    const folder = [workspace.path, workspace.repository].find((path) => path !== null && existsSync(path));
    if (!folder) continue;
    await dropSnapshot(folder, task.id);
    await dropAttempts(folder, task.id);
  }
  return {
    places: rooms.map(({ worktree }) => ({ worktree, snapshot: null })),
    kept: [],
    removed: dropped.length > 0 ? ["snapshot"] : [],
    notices: [],
  };
}

/** True where the repository that a worktree belongs to was taken away. */
function isOrphaned({ workspace }: Room): boolean {
  return !existsSync(workspace.repository ?? workspace.path);
}

/** Without its repository a worktree is files of which nothing can be kept: they stay unless that is wanted. */
async function removeOrphans({ task: { slug }, rooms, force }: CleanUp): Promise<CleanedUp> {
  const left = rooms.map(({ worktree }) => worktree!.path).filter(existsSync);
  if (left.length > 0 && !force)
    throw new DispatchError(
      "refused",
      `the repository of ${slug} is gone, and its work lies in ${left.join(", ")}`,
      {
        hint: `copy what you need, then dispatch clean ${slug} --force`,
      },
    );
  for (const path of left) await rm(path, { recursive: true });
  return {
    places: rooms.map(({ worktree }) => ({ worktree: { ...worktree!, state: "removed" }, snapshot: null })),
    kept: [],
    removed: left,
    notices: [],
  };
}

async function removeRooms(input: CleanUp): Promise<CleanedUp> {
  const { task, rooms, turns } = input;
  const doomed = await Promise.all(rooms.map(toRemove));
  for (const room of doomed)
    await turns.take(room.repository.commonDir, () => checkRemovable(removalOf(input, room)));
  const torn = await Promise.all(
    doomed.map(({ workspace, worktree }) =>
      input.tearDown({ workspace, folder: folderOf({ workspace, worktree }) }),
    ),
  );
  const [first, ...further] = doomed as [Doomed, ...Doomed[]];
  const runFolder = task.runFolder ?? (further.length === 0 ? folderOf(first) : dirname(first.worktree.path));
  const { path: checkout } = first.workspace;
  const folder = await turns.take(first.repository.commonDir, () =>
    returnTaskFolder({ runFolder, checkout, name: task.slug }),
  );
  const gone: Pick<CleanedUp, "kept" | "removed">[] = [];
  for (const room of doomed)
    gone.push(await turns.take(room.repository.commonDir, () => removeRoom(input, room)));
  const left = further.length > 0 && (await remainsOf(runFolder)) ? [runFolder] : [];
  return {
    places: doomed.map(({ worktree }) => ({ worktree: { ...worktree, state: "removed" }, snapshot: null })),
    kept: [...gone.flatMap(({ kept }) => kept), ...left, ...(folder ? [folder] : [])],
    removed: gone.flatMap(({ removed }) => removed),
    notices: torn.flat(),
  };
}

async function toRemove(room: Room): Promise<Doomed> {
  return {
    ...room,
    worktree: room.worktree!,
    repository: await requireRepository(room.workspace.path),
  };
}

async function removeRoom(input: CleanUp, room: Doomed): Promise<Pick<CleanedUp, "kept" | "removed">> {
  const { path, branch: name } = room.worktree;
  const isThere = await exists(path);
  const { branch, backup } = await removeWorktree({ ...removalOf(input, room), now: Date.now() });
  await dropAttempts(room.repository.root, input.task.id);
  const where = input.rooms.length === 1 ? "" : ` of ${room.name}`;
  const kept = [
    ...(branch === "kept" ? [`branch ${name}${where}`] : []),
    ...(backup ? [`backup ${backup}${where}`] : []),
  ];
  return {
    kept,
    removed: [...(isThere ? [path] : []), ...(branch === "deleted" ? [`branch ${name}${where}`] : [])],
  };
}

/** Removes the folder that held several worktrees, unless its worker left something there that is in none of them. */
async function remainsOf(runFolder: string): Promise<boolean> {
  for (const folder of [join(runFolder, ".dispatch", "tasks"), join(runFolder, ".dispatch"), runFolder])
    if ((await exists(folder)) && !(await removedEmpty(folder))) return true;
  return false;
}

async function removedEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR") return false;
    throw error;
  }
}

function removalOf({ task, merge, force }: CleanUp, { worktree, repository }: Doomed) {
  return {
    repository,
    folder: worktree.path,
    branch: worktree.branch,
    into: worktree.target ?? "HEAD",
    task: task.slug,
    merge,
    force,
  };
}
