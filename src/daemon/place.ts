import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { fileBelow, placesOf } from "../core/place.ts";
import type { FileChange } from "../protocol/change.ts";
import type { Task, TaskWorktree } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { keepAttempt } from "../workspaces/attempt.ts";
import { changes, changesBetween, snapshot } from "../workspaces/diff.ts";
import { exists, type Repository, findRepository, requireRepository } from "../workspaces/repository.ts";
import { prepareTaskFolder, takeBackTaskFolder } from "../workspaces/task-folder.ts";
import { createWorktree, restoreWorktree, takenName } from "../workspaces/worktree.ts";
import { checkoutOf, folderOf, type Room, type Rooms, roomsOf } from "./rooms.ts";
import type { Turns } from "./turns.ts";

/** Names that are tried for a worktree before its task fails: `slug`, `slug-2`, … */
const MAX_NAMES = 50;

/** Where a task runs, and what its changes are measured against. */
export interface Place {
  /** The workspace's folder, or that in its worktree; the folder that holds the worktrees, where there are several. */
  runFolder: string;
  rooms: Rooms;
  /** The real path of the task folder, below `runFolder`. */
  taskFolder: string;
}

/** A task, and what it has in each of its workspaces. */
interface Subject {
  task: Task;
  rooms: Rooms;
}

/** A room whose worktree is to be made. */
interface Site {
  room: Room;
  repository: Repository;
}

/** What making a worktree needs beside git. */
export interface PlacePorts {
  /** A repository's worktrees are made one at a time: git fails on one that another git is just making. */
  readonly turns: Turns;
  /** Writes down the worktrees' names, in the order of the rooms, before anything is made under them. */
  reserve(worktrees: readonly TaskWorktree[]): void;
  /** Fills fresh worktrees with what git does not hold. @throws DispatchError what their setup lacks */
  setUp(rooms: readonly Room[], taskFolder: string): Promise<void>;
  /** The commit that a worktree starts from; null: what is checked out. */
  base(repository: Repository): Promise<string | null>;
}

/**
 * Makes the place of a task, or finds it again: every step can be repeated after a crash.
 * @throws DispatchError what git, the file system or the setup refused
 */
export async function preparePlace(home: string, subject: Subject, ports: PlacePorts): Promise<Place> {
  const { task, rooms } = subject;
  const made = (await isLost(task)) ? await restored(subject, ports) : await findPlace(subject);
  if (made !== null) return made;
  if (task.wantsWorktree) return makeRooms(home, subject, ports);
  const repositories = await Promise.all(rooms.map(({ workspace }) => findRepository(workspace.path)));
  const runFolder = rooms[0].workspace.path;
  const [taken, taskFolder] = await Promise.all([
    Promise.all(rooms.map((room, at) => withSnapshot(room, repositories[at]!, task))),
    prepareFolder(subject, runFolder, repositories[0]),
  ]);
  return { runFolder, rooms: taken as unknown as Rooms, taskFolder };
}

/**
 * The place that was made for a task, with its folder whole; null for one that has none, or whose worktree was removed.
 * @throws DispatchError `conflict` where somebody took a worktree away
 */
export async function findPlace(subject: Subject): Promise<Place | null> {
  const { runFolder, worktree } = subject.task;
  if (runFolder === null || worktree?.state === "removed") return null;
  await checkPlace(subject.task);
  const taskFolder = await prepareFolder(subject, runFolder);
  return { runFolder, rooms: subject.rooms, taskFolder };
}

/** Whether somebody took away the folder of a task's worktree. */
async function isLost(task: Task): Promise<boolean> {
  return (await lostWorktree(task)) !== null;
}

async function lostWorktree(task: Task): Promise<TaskWorktree | null> {
  if (task.runFolder === null) return null;
  for (const { worktree } of placesOf(task))
    if (worktree !== null && (await isGone(worktree))) return worktree;
  return null;
}

async function isGone({ path, state }: TaskWorktree): Promise<boolean> {
  return state === "present" && !(await exists(path));
}

/** @throws DispatchError `conflict` where somebody took a task's worktree away */
export async function checkPlace(task: Task): Promise<void> {
  const worktree = await lostWorktree(task);
  if (worktree) throw lost(task, worktree);
}

export function lost({ slug }: Task, { path }: TaskWorktree): DispatchError {
  return new DispatchError("conflict", `the worktree of ${slug} is gone: ${path}`, {
    hint: `dispatch retry ${slug}`, // it checks out again what is committed
  });
}

/** Lost worktrees as their branches have them, set up again; null where nothing of any is left. */
async function restored(subject: Subject, ports: PlacePorts): Promise<Place | null> {
  const { rooms } = subject;
  const runFolder = subject.task.runFolder!;
  const gone = await Promise.all(rooms.map(({ worktree }) => isGone(worktree!)));
  const lostRooms = rooms.filter((_, at) => gone[at]);
  const back = await inOrder(lostRooms, (room) => restoreRoom(room, ports));
  if (lostRooms.length === rooms.length && back.every((isBack) => !isBack)) return null;
  await inOrder(
    lostRooms.filter((_, at) => !back[at]),
    (room) => remakeRoom(room, ports),
  );
  await mkdir(runFolder, { recursive: true });
  for (const room of lostRooms) await mkdir(folderOf(room), { recursive: true });
  const taskFolder = await prepareFolder(subject, runFolder);
  await ports.setUp(lostRooms, taskFolder);
  return { runFolder, rooms, taskFolder };
}

/** Checks out again what is committed on a room's branch. @returns false: its branch is gone too */
async function restoreRoom({ workspace, worktree }: Room, { turns }: PlacePorts): Promise<boolean> {
  const repository = await requireRepository(workspace.path);
  const { path: folder, branch } = worktree!;
  return turns.take(repository.commonDir, () => restoreWorktree({ repository, folder, branch }));
}

/** Makes a room anew of which nothing is left, beside those that are there. */
async function remakeRoom({ workspace, worktree }: Room, { turns }: PlacePorts): Promise<void> {
  const repository = await requireRepository(workspace.path);
  const { path: folder, branch, base } = worktree!;
  await turns.take(repository.commonDir, () => createWorktree({ repository, folder, branch, base }));
}

/** The files that a task has changed so far, itself aside; none outside git. Those of several repositories lie below their names. */
export function changesOf(db: Db, task: Task): Promise<FileChange[]> {
  return inRooms(db, task, changes);
}

/**
 * Keeps what the current attempt of a task leaves behind, so that it can be looked at after later ones.
 * @returns the files that are changed in what was kept, as of `changesOf`
 */
export function keepCurrentAttempt(db: Db, task: Task): Promise<FileChange[]> {
  const name = { task: task.id, number: task.attempt };
  return inRooms(db, task, async (folder, base) => {
    const { from, to } = await keepAttempt(folder, base, name);
    return changesBetween(folder, from, to);
  });
}

/** What was changed in each room of a task since its base. */
async function inRooms(
  db: Db,
  task: Task,
  changed: (folder: string, base: string) => Promise<FileChange[]>,
): Promise<FileChange[]> {
  if (task.runFolder === null) return [];
  const rooms = roomsOf(db, task);
  const all = await Promise.all(
    rooms.map(async (room) => {
      const base = baseOf(room);
      return base === null ? [] : changed(checkoutOf(room), base);
    }),
  );
  if (rooms.length === 1) return all[0]!;
  return rooms.flatMap(({ name }, at) => all[at]!.map((file) => fileBelow(name, file)));
}

/** What the changes in a room are measured against; null where there is nothing to measure. */
function baseOf({ worktree, snapshot: tree }: Room): string | null {
  return worktree?.state === "removed" ? null : (worktree?.base ?? tree);
}

async function makeRooms(home: string, subject: Subject, ports: PlacePorts): Promise<Place> {
  const { task, rooms } = subject;
  const sites = await Promise.all(
    rooms.map(async (room) => ({ room, repository: await requireRepository(room.workspace.path) })),
  );
  const bases = await inOrder(sites, ({ repository }) => ports.base(repository)); // takes turns of its own
  const keys = sites.map(({ repository }) => repository.commonDir);
  const made = await ports.turns.takeAll(keys, async () => {
    const names = await reserved(home, { task, sites }, ports);
    return inOrder(sites, (site, at) => makeRoom(site, { name: names[at]!, base: bases[at]! }));
  });
  const runFolder = sites.length === 1 ? folderOf(made[0]!) : dirname(made[0]!.worktree!.path);
  // What has run before was cleaned: its folder in the checkout is its own.
  if (task.runFolder !== null)
    await takeBackTaskFolder({ runFolder, checkout: rooms[0].workspace.path, name: task.slug });
  const taskFolder = await prepareFolder(
    subject,
    runFolder,
    sites.length === 1 ? sites[0]!.repository : undefined,
  );
  await ports.setUp(made, taskFolder);
  return { runFolder, rooms: made as unknown as Rooms, taskFolder };
}

function prepareFolder(
  { task, rooms }: Subject,
  runFolder: string,
  repository?: Repository | null,
): Promise<string> {
  return prepareTaskFolder({ runFolder, checkout: rooms[0].workspace.path, name: task.slug, repository });
}

async function withSnapshot(room: Room, repository: Repository | null, { id }: Task): Promise<Room> {
  const tree = repository && !repository.bare ? await snapshot(repository, id) : null;
  return { ...room, worktree: null, snapshot: tree };
}

async function makeRoom(
  { room, repository }: Site,
  { name, base }: { name: TaskWorktree; base: string | null },
): Promise<Room> {
  const from = base === null ? {} : { base };
  const made = await createWorktree({ repository, folder: name.path, branch: name.branch, ...from });
  const worktree = { ...name, path: made.folder, base: made.base, state: "present" as const };
  const ready = { ...room, worktree, snapshot: null };
  await mkdir(folderOf(ready), { recursive: true }); // the commit has no folder in which it has no file
  return ready;
}

/** The names that the task has reserved, or the first that are free in all of its repositories. */
async function reserved(
  home: string,
  { task, sites }: { task: Task; sites: readonly Site[] },
  ports: Pick<PlacePorts, "reserve">,
): Promise<TaskWorktree[]> {
  if (task.worktree?.state === "making") return sites.map(({ room }) => room.worktree!);
  const root = join(home, "worktrees", task.workspace);
  for (let count = 1; count <= MAX_NAMES; count++) {
    const name = count === 1 ? task.slug : `${task.slug}-${count}`;
    const folder = join(root, name);
    const worktrees = sites.map(({ room, repository }): TaskWorktree => {
      const path = sites.length === 1 ? folder : join(folder, room.name);
      return { path, branch: `dispatch/${name}`, base: "", target: repository.branch, state: "making" };
    });
    if (!(await areFree(folder, sites, worktrees))) continue;
    ports.reserve(worktrees);
    return worktrees;
  }
  throw new DispatchError("conflict", `the branches dispatch/${task.slug} to -${MAX_NAMES} are all taken`, {
    hint: "dispatch clean",
  });
}

/** Whether all of these can be made; several never inside a worktree of another task. */
async function areFree(
  folder: string,
  sites: readonly Site[],
  worktrees: readonly TaskWorktree[],
): Promise<boolean> {
  if (sites.length > 1 && (await exists(join(folder, ".git")))) return false;
  const taken = await Promise.all(
    sites.map(({ repository }, at) => {
      const { path, branch } = worktrees[at]!;
      return takenName({ repository, folder: path, branch });
    }),
  );
  return taken.every((what) => what === null);
}

/** One after the other. */
async function inOrder<T, R>(all: readonly T[], job: (each: T, at: number) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (const [at, each] of all.entries()) done.push(await job(each, at));
  return done;
}
