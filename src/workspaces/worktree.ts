import { mkdir, readdir, realpath, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { askGit, git } from "./git.ts";
import { quote } from "../core/quote.ts";
import { exists, findRepository, listCheckouts, resolveCommit, type Repository } from "./repository.ts";

/** Checking out a large repository, its filters included. */
const CHECKOUT_TIMEOUT_MS = 10 * 60_000;

/** A worktree that Dispatch made. `base` is the commit that its branch started from. */
export interface Worktree {
  folder: string;
  branch: string;
  base: string;
}

/** The name of a worktree to be. */
interface Place {
  repository: Repository;
  folder: string;
  branch: string;
}

/** Present from before the first step of making a worktree until it is whole; its value is the base. */
function makingRef(branch: string): string {
  return `refs/dispatch/making/${branch}`;
}

/** Present as long as the worktree lives; its value is the base. */
export function baseRef(branch: string): string {
  return `refs/dispatch/base/${branch}`;
}

/**
 * A worktree in `folder` on the new branch `branch`, from `base` (default: what is checked out).
 * May be called again after a crash at any point: a whole one is answered as it is, a half-made one is made anew.
 * No hook of the repository runs.
 * @throws DispatchError `refused` before the first commit, `invalid` for a name that git does not take,
 *   `not_found` for an unknown base, `conflict` when branch or folder is taken (see `takenName`)
 */
export async function createWorktree(input: Place & { base?: string }): Promise<Worktree> {
  const { repository, branch } = input;
  const cwd = repository.root;
  await checkBranchName(cwd, branch);
  const place = { repository, branch, folder: await realPlace(input.folder) };
  const made = await findWorktree(place);
  if (made !== null) return made;
  await removeHalfMade(place);
  await refuseTaken(place);
  const base = await startingPoint(repository, input.base);
  await moveRefs(cwd, [`create refs/heads/${branch} ${base}`, `create ${makingRef(branch)} ${base}`]);
  await git(["worktree", "add", "--quiet", "--", place.folder, branch], {
    cwd,
    timeoutMs: CHECKOUT_TIMEOUT_MS,
  });
  await moveRefs(cwd, [`delete ${makingRef(branch)}`, `update ${baseRef(branch)} ${base}`]);
  return { folder: place.folder, branch, base };
}

/** Checks the branch of a worktree out again whose folder somebody took away. @returns false: its branch is gone too */
export async function restoreWorktree({ repository, folder, branch }: Place): Promise<boolean> {
  const cwd = repository.root;
  if ((await resolveCommit(cwd, `refs/heads/${branch}`)) === null) return false;
  const place = await realPlace(folder);
  // `--force`: git still knows the folder that is gone.
  await git(["worktree", "add", "--force", "--quiet", "--", place, branch], {
    cwd,
    timeoutMs: CHECKOUT_TIMEOUT_MS,
  });
  return true;
}

/**
 * A worktree as it stands now.
 * @throws DispatchError `refused` when the folder, which an agent could write, no longer leads to its repository
 */
export async function openWorktree(repository: Repository, folder: string): Promise<Repository> {
  const found = await findRepository(folder);
  if (found?.root === folder && found.commonDir === repository.commonDir) return found;
  throw new DispatchError("refused", `${folder} no longer belongs to ${repository.root}`, {
    hint: `git -C ${quote(repository.root)} worktree repair ${quote(folder)}`,
  });
}

/** What of a wanted name is taken already: the caller picks another one. Null when `createWorktree` can have it. */
export async function takenName({ repository, folder, branch }: Place): Promise<"branch" | "folder" | null> {
  if ((await resolveCommit(repository.root, `refs/heads/${branch}`)) !== null) return "branch";
  if ((await exists(folder)) && !(await isEmptyFolder(folder))) return "folder";
  return null;
}

/** Moves refs all or none: lines of `git update-ref --stdin`. */
export async function moveRefs(cwd: string, lines: string[]): Promise<void> {
  await git(["update-ref", "--stdin"], { cwd, input: lines.map((line) => `${line}\n`).join("") });
}

/** The path as git registers it: its parent is made and resolved, it itself need not exist. */
export async function realPlace(folder: string): Promise<string> {
  await mkdir(dirname(folder), { recursive: true });
  return join(await realpath(dirname(folder)), basename(folder));
}

export async function isRegistered(cwd: string, folder: string): Promise<boolean> {
  return (await listCheckouts(cwd)).some((checkout) => checkout.folder === folder);
}

async function findWorktree({ repository, folder, branch }: Place): Promise<Worktree | null> {
  const base = await resolveCommit(repository.root, baseRef(branch));
  const there = base !== null && (await exists(join(folder, ".git")));
  return there && (await isRegistered(repository.root, folder)) ? { folder, branch, base } : null;
}

async function checkBranchName(cwd: string, branch: string): Promise<void> {
  const ok =
    !branch.startsWith("-") && (await askGit(["check-ref-format", `refs/heads/${branch}`], { cwd })) !== null;
  if (ok) return;
  throw new DispatchError("invalid", `git takes no branch named ${JSON.stringify(branch)}`, {
    hint: "choose a name of letters, digits and dashes",
  });
}

async function startingPoint({ root }: Repository, base: string | undefined): Promise<string> {
  if (base !== undefined) {
    const commit = await resolveCommit(root, base);
    if (commit !== null) return commit;
    throw new DispatchError("not_found", `the repository has no commit ${base}`, {
      hint: `git -C ${quote(root)} branch --list`,
    });
  }
  const head = await resolveCommit(root, "HEAD");
  if (head !== null) return head;
  throw new DispatchError(
    "refused",
    "a worktree needs a commit to start from, and the repository has none yet",
    {
      hint: `git -C ${quote(root)} commit --allow-empty -m "First commit"`,
    },
  );
}

async function refuseTaken(place: Place): Promise<void> {
  const taken = await takenName(place);
  if (taken === null) return;
  const name = taken === "branch" ? `the branch ${place.branch}` : `the folder ${place.folder}`;
  throw new DispatchError("conflict", `${name} exists already`, {
    hint: `git -C ${quote(place.repository.root)} worktree list`,
  });
}

/** Nobody has worked in it: `createWorktree` had not answered yet. A branch that moved all the same is left alone. */
async function removeHalfMade({ repository, folder, branch }: Place): Promise<void> {
  const cwd = repository.root;
  const base = await resolveCommit(cwd, makingRef(branch));
  if (base === null) return;
  if ((await resolveCommit(cwd, `refs/heads/${branch}`)) === base) {
    if (await isRegistered(cwd, folder)) await removeRegistered(cwd, folder);
    await moveRefs(cwd, [`delete refs/heads/${branch} ${base}`]);
  }
  await moveRefs(cwd, [`delete ${makingRef(branch)}`]);
}

async function removeRegistered(cwd: string, folder: string): Promise<void> {
  // git was stopped before it linked the folder: it is empty, and git refuses it as long as it is there.
  if ((await exists(folder)) && !(await exists(join(folder, ".git")))) await rmdir(folder);
  // Twice: git locks a worktree while it makes it.
  await git(["worktree", "remove", "--force", "--force", "--", folder], { cwd });
}

async function isEmptyFolder(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return false;
    throw error;
  }
}
