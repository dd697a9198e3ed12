import { cp, lstat, mkdir, readlink, rename, rm, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { excludeFromGit } from "./exclude.ts";
import { git } from "./git.ts";
import { quote } from "../core/quote.ts";
import { findRepository, type Repository } from "./repository.ts";

const NAME = /^[a-z0-9][a-z0-9_-]{0,99}$/;
const EXCLUDE_LINE = ".dispatch/";

interface TaskPlace {
  /** Where the agent works. */
  runFolder: string;
  /** The user's own checkout: the same folder, unless the task runs in a worktree. */
  checkout: string;
  /** The task's slug. */
  name: string;
  /** Where both folders lie, if that was looked up before; null: in none. */
  repository?: Repository | null | undefined;
}

/**
 * Makes `<runFolder>/.dispatch/tasks/<name>/ipc/` and keeps it out of git; for a worktree, links to it from the user's
 * checkout. May be called again at any time. Answers the task folder's real path.
 * @throws DispatchError `invalid` for a name that is no slug, `refused` when git tracks `.dispatch` or when anything on
 *   the way is a link or no folder, `conflict` when the checkout has a task folder of that name
 */
export async function prepareTaskFolder(place: TaskPlace): Promise<string> {
  const { runFolder, checkout, name, repository } = place;
  checkName(name);
  await keepOutOfGit(runFolder, repository);
  const folder = await makeFolders(runFolder, [".dispatch", "tasks", name]);
  await makeFolders(folder, ["ipc"]);
  if (checkout !== runFolder) {
    await keepOutOfGit(checkout, repository);
    await linkTo(folder, join(await makeFolders(checkout, [".dispatch", "tasks"]), name));
  }
  return folder;
}

/** Where `prepareTaskFolder` has made the task folder. */
export function taskFolderPath(runFolder: string, name: string): string {
  return join(runFolder, ".dispatch", "tasks", name);
}

/**
 * Moves the task folder out of a worktree into the user's checkout, in place of the link. Answers where it is now, or
 * null when there is none. May be called again after a crash.
 * @throws DispatchError `refused` when anything on the way in the checkout is a link or no folder
 */
export async function returnTaskFolder({ runFolder, checkout, name }: TaskPlace): Promise<string | null> {
  checkName(name);
  const from = await findTaskFolder(runFolder, name);
  if (checkout === runFolder) return from;
  const tasks = await makeFolders(checkout, [".dispatch", "tasks"]);
  const to = join(tasks, name);
  const kind = await kindOf(to);
  if (kind === "link") await unlink(to);
  if (from === null) return kind === "folder" ? to : null;
  // A folder here is our own finished copy: `prepareTaskFolder` does not go on beside one.
  if (kind === "folder") await rm(from, { recursive: true });
  else await move(from, to, join(tasks, `.${name}.returning`));
  return to;
}

/**
 * Moves a task folder that `returnTaskFolder` has left in the user's checkout into a new worktree: the task goes on
 * there. May be called again after a crash.
 */
export async function takeBackTaskFolder({ runFolder, checkout, name }: TaskPlace): Promise<void> {
  checkName(name);
  const from = checkout === runFolder ? null : await findTaskFolder(checkout, name);
  if (from === null) return;
  const tasks = await makeFolders(runFolder, [".dispatch", "tasks"]);
  const to = join(tasks, name);
  if ((await kindOf(to)) === "folder") await rm(from, { recursive: true });
  else await move(from, to, join(tasks, `.${name}.returning`));
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new DispatchError("invalid", `${JSON.stringify(name)} cannot name a task folder`, {
    hint: "use lower-case letters, digits and dashes",
  });
}

/**
 * Makes what is missing, one level at a time, so that no link on the way is followed.
 * @throws DispatchError `refused` when anything on the way is a link or no folder
 */
export async function makeFolders(root: string, names: string[]): Promise<string> {
  let at = root;
  for (const name of names) {
    at = join(at, name);
    if ((await kindOf(at)) === "nothing") await makeUnlessThere(at);
    if ((await kindOf(at)) !== "folder") throw notAFolder(at);
  }
  return at;
}

/** Another task of the same checkout may make the same folder. */
async function makeUnlessThere(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

async function findTaskFolder(root: string, name: string): Promise<string | null> {
  let at = root;
  for (const part of [".dispatch", "tasks", name]) {
    at = join(at, part);
    if ((await kindOf(at)) !== "folder") return null;
  }
  return at;
}

function notAFolder(path: string): DispatchError {
  return new DispatchError("refused", `${path} is a link or a file, and Dispatch does not follow it`, {
    hint: `ls -ld ${quote(path)}`,
  });
}

async function keepOutOfGit(folder: string, known: Repository | null | undefined): Promise<void> {
  const repository = known === undefined ? await findRepository(folder) : known;
  if (repository === null || repository.bare) return;
  if ((await git(["ls-files", "--cached", "--", ".dispatch"], { cwd: folder })) !== "") {
    throw new DispatchError("refused", `${folder} has .dispatch under version control`, {
      hint: `git -C ${quote(folder)} rm -r --cached .dispatch`,
    });
  }
  excludeFromGit(repository.commonDir, [EXCLUDE_LINE]);
}

async function linkTo(folder: string, link: string): Promise<void> {
  const kind = await kindOf(link);
  if (kind === "folder" || kind === "other") {
    throw new DispatchError("conflict", `${link} exists already`, { hint: `ls -ld ${quote(link)}` });
  }
  if (kind === "link") {
    if ((await readlink(link)) === folder) return;
    await unlink(link);
  }
  await symlink(folder, link);
}

/** `to` appears whole or not at all, and `from` goes after that, also from one file system to another. */
async function move(from: string, to: string, between: string): Promise<void> {
  if (await renamed(from, to)) return;
  await rm(between, { recursive: true, force: true });
  await cp(from, between, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  await rename(between, to);
  await rm(from, { recursive: true });
}

/** False when the two are on different file systems. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EXDEV") return false;
    throw error;
  }
}

async function kindOf(path: string): Promise<"nothing" | "folder" | "link" | "other"> {
  try {
    const stat = await lstat(path);
    if (stat.isSymbolicLink()) return "link";
    return stat.isDirectory() ? "folder" : "other";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "nothing";
    throw error;
  }
}
