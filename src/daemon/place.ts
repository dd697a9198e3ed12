import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { DispatchError } from "../base/error.ts";
import type { FileChange } from "../protocol/change.ts";
import type { Task, TaskWorktree } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { changes, snapshot } from "../workspaces/diff.ts";
import { exists, type Repository, findRepository, requireRepository } from "../workspaces/repository.ts";
import { prepareTaskFolder, takeBackTaskFolder } from "../workspaces/task-folder.ts";
import { createWorktree, restoreWorktree, takenName } from "../workspaces/worktree.ts";
import type { Turns } from "./turns.ts";

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

/** A task, and where it was handed over. */
interface Subject {
  task: Task;
  workspace: Workspace;
}

/** What making a worktree needs beside git. */
export interface PlacePorts {
  /** A repository's worktrees are made one at a time: git fails on one that another git is just making. */
  readonly turns: Turns;
  /** Writes down the worktree's name before anything is made under it. */
  reserve(worktree: TaskWorktree): void;
  /** Fills a fresh worktree with what git does not hold. @throws DispatchError what its setup lacks */
  setUp(room: Pick<Place, "runFolder" | "taskFolder">): Promise<void>;
  /** The commit that a worktree starts from; null: what is checked out. */
  base(repository: Repository): Promise<string | null>;
}

/**
 * Makes the place of a task, or finds it again: every step can be repeated after a crash.
 * @throws DispatchError what git, the file system or the setup refused
 */
export async function preparePlace(
  home: string,
  { task, workspace }: Subject,
  ports: PlacePorts,
): Promise<Place> {
  const made = (await isLost(task))
    ? await restored({ task, workspace }, ports)
    : await findPlace({ task, workspace });
  if (made !== null) return made;
  if (task.wantsWorktree) return makeRoom(home, { task, workspace }, ports);
  const repository = await findRepository(workspace.path);
  const [tree, taskFolder] = await Promise.all([
    repository && !repository.bare ? snapshot(repository, task.id) : null,
    prepareFolder({ task, workspace }, workspace.path, repository),
  ]);
  return { runFolder: workspace.path, worktree: null, snapshot: tree, taskFolder };
}

/**
 * The place that was made for a task, with its folder whole; null for one that has none, or whose worktree was removed.
 * @throws DispatchError `conflict` where somebody took the worktree away
 */
export async function findPlace({ task, workspace }: Subject): Promise<Place | null> {
  const { runFolder, worktree } = task;
  if (runFolder === null || worktree?.state === "removed") return null;
  await checkPlace(task);
  const taskFolder = await prepareFolder({ task, workspace }, runFolder);
  return { runFolder, worktree, snapshot: task.snapshot, taskFolder };
}

/** Whether somebody took away the folder of a task's worktree. */
async function isLost({ runFolder, worktree }: Task): Promise<boolean> {
  return runFolder !== null && worktree?.state === "present" && !(await exists(worktree.path));
}

/** @throws DispatchError `conflict` where somebody took a task's worktree away */
export async function checkPlace(task: Task): Promise<void> {
  if (await isLost(task)) throw lost(task);
}

export function lost({ slug, worktree }: Task): DispatchError {
  return new DispatchError("conflict", `the worktree of ${slug} is gone: ${worktree!.path}`, {
    hint: `dispatch retry ${slug}`, // it checks out again what is committed
  });
}

/** A lost worktree as its branch has it, set up again; null where that is gone too. */
async function restored({ task, workspace }: Subject, ports: PlacePorts): Promise<Place | null> {
  const worktree = task.worktree!;
  const runFolder = task.runFolder!;
  const repository = await requireRepository(workspace.path);
  const lostPlace = { repository, folder: worktree.path, branch: worktree.branch };
  if (!(await ports.turns.take(repository.commonDir, () => restoreWorktree(lostPlace)))) return null;
  await mkdir(runFolder, { recursive: true });
  const taskFolder = await prepareFolder({ task, workspace }, runFolder, repository);
  const place = { runFolder, worktree, snapshot: task.snapshot, taskFolder };
  await ports.setUp(place);
  return place;
}

/** The files that a task has changed so far, itself aside; none outside git. */
export async function changesOf(task: Task): Promise<FileChange[]> {
  const base = task.worktree?.base ?? task.snapshot;
  if (task.runFolder === null || base === null || task.worktree?.state === "removed") return [];
  return changes(task.runFolder, base);
}

/** Where a workspace's folder is in another checkout of its repository. */
export function runFolderIn(checkout: string, { root }: Repository, path: string): string {
  return join(checkout, relative(root, path));
}

async function makeRoom(home: string, subject: Subject, ports: PlacePorts): Promise<Place> {
  const repository = await requireRepository(subject.workspace.path);
  const base = await ports.base(repository); // takes turns of its own
  const made = await ports.turns.take(repository.commonDir, async () => {
    const name = await reserved(home, subject, repository, ports);
    return makeWorktree(repository, { name, base }, subject.workspace);
  });
  const { task, workspace } = subject;
  // What has run before was cleaned: its folder in the checkout is its own.
  if (task.runFolder !== null)
    await takeBackTaskFolder({ runFolder: made.runFolder, checkout: workspace.path, name: task.slug });
  const place = { ...made, taskFolder: await prepareFolder(subject, made.runFolder, repository) };
  await ports.setUp(place);
  return place;
}

function prepareFolder(
  { task, workspace }: Subject,
  runFolder: string,
  repository?: Repository | null,
): Promise<string> {
  return prepareTaskFolder({ runFolder, checkout: workspace.path, name: task.slug, repository });
}

async function makeWorktree(
  repository: Repository,
  { name, base }: { name: TaskWorktree; base: string | null },
  workspace: Workspace,
): Promise<Omit<Place, "taskFolder">> {
  const from = base === null ? {} : { base };
  const made = await createWorktree({ repository, folder: name.path, branch: name.branch, ...from });
  const worktree = { ...name, path: made.folder, base: made.base, state: "present" as const };
  const runFolder = runFolderIn(made.folder, repository, workspace.path);
  await mkdir(runFolder, { recursive: true }); // the commit has no folder in which it has no file
  return { runFolder, worktree, snapshot: null };
}

/** The name that the task has reserved, or the first free one. */
async function reserved(
  home: string,
  { task, workspace }: Subject,
  repository: Repository,
  ports: Pick<PlacePorts, "reserve">,
): Promise<TaskWorktree> {
  if (task.worktree?.state === "making") return task.worktree;
  for (let count = 1; count <= MAX_NAMES; count++) {
    const name = count === 1 ? task.slug : `${task.slug}-${count}`;
    const folder = join(home, "worktrees", workspace.id, name);
    const branch = `dispatch/${name}`;
    if ((await takenName({ repository, folder, branch })) !== null) continue;
    const target = repository.branch;
    const worktree: TaskWorktree = { path: folder, branch, base: "", target, state: "making" };
    ports.reserve(worktree);
    return worktree;
  }
  throw new DispatchError("conflict", `the branches dispatch/${task.slug} to -${MAX_NAMES} are all taken`, {
    hint: "dispatch clean",
  });
}
