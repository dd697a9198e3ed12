import { constants } from "node:fs";
import { access, lstat, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { askGit, git } from "./git.ts";
import { quote } from "../core/quote.ts";

/** Where a folder stands in git. All paths are absolute and real. */
export interface Repository {
  /** The top of this checkout; the repository itself when it is bare. */
  root: string;
  /** What belongs to this checkout alone: its HEAD and index. */
  gitDir: string;
  /** What all worktrees share: objects, branches, config, info/exclude. */
  commonDir: string;
  /** The commit that is checked out; null before the first one. */
  head: string | null;
  /** The short name of the branch; null when HEAD is detached. */
  branch: string | null;
  bare: boolean;
  /** A linked worktree, not the main checkout. */
  isWorktree: boolean;
}

/** A checkout of a repository as the repository itself has it registered. */
export interface Checkout {
  folder: string;
  branch: string | null;
}

/**
 * The repository that a folder lies in, or null.
 * @throws DispatchError `unavailable` when there is one that git will not read (another owner, a broken config)
 */
export async function findRepository(folder: string): Promise<Repository | null> {
  const at = { cwd: folder };
  // One question a call: a path may hold a line break.
  const [gitDir, commonDir, bare] = await Promise.all([
    askGit(["rev-parse", "--absolute-git-dir"], at),
    askGit(["rev-parse", "--path-format=absolute", "--git-common-dir"], at),
    askGit(["rev-parse", "--is-bare-repository"], at),
  ]);
  if (gitDir === null || commonDir === null) {
    if (await hasGitAbove(folder)) await git(["rev-parse", "--absolute-git-dir"], at); // throws git's reason
    return null;
  }
  const [root, head, branch] = await Promise.all([
    bare === "true" ? gitDir : git(["rev-parse", "--show-toplevel"], at),
    askGit(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], at),
    askGit(["symbolic-ref", "--quiet", "--short", "HEAD"], at),
  ]);
  const isWorktree = (await realpath(gitDir)) !== (await realpath(commonDir));
  return { root, gitDir, commonDir, head, branch, bare: bare === "true", isWorktree };
}

/** @throws DispatchError `refused` when the folder lies in no repository */
export async function requireRepository(folder: string): Promise<Repository> {
  const repository = await findRepository(folder);
  if (repository !== null) return repository;
  throw new DispatchError("refused", `${folder} is not in a git repository`, {
    hint: `git init ${quote(folder)}`,
  });
}

/**
 * The real path of a folder that someone wants to work in.
 * @throws DispatchError `invalid` when it does not exist, is no folder, or may not be read
 */
export async function openFolder(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if (!(await stat(real)).isDirectory()) {
      throw new DispatchError("invalid", `${path} is not a folder`, { hint: `ls -ld ${quote(path)}` });
    }
    await access(real, constants.R_OK | constants.X_OK);
    return real;
  } catch (cause) {
    if (cause instanceof DispatchError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new DispatchError("invalid", missing ? `${path} does not exist` : `${path} cannot be read`, {
      hint: missing ? `mkdir -p ${quote(path)}` : `ls -ld ${quote(path)}`,
      cause,
    });
  }
}

/** All checkouts that the repository has registered, the main one first. Their folders may be gone. */
export async function listCheckouts(cwd: string): Promise<Checkout[]> {
  const text = await git(["worktree", "list", "--porcelain", "-z"], { cwd });
  return text.split("\0\0").flatMap((record) => {
    const fields = new Map(
      record.split("\0").map((line) => [before(line), line.slice(before(line).length + 1)]),
    );
    const folder = fields.get("worktree");
    if (folder === undefined || fields.has("bare")) return [];
    return [{ folder, branch: fields.get("branch")?.replace(/^refs\/heads\//, "") ?? null }];
  });
}

/** The commit that a ref or a commit-ish names, or null. The text may start with a dash. */
export function resolveCommit(cwd: string, name: string): Promise<string | null> {
  return askGit(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], { cwd });
}

function before(line: string): string {
  return line.split(" ", 1)[0]!;
}

async function hasGitAbove(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, ".git"))) return true;
    if (dirname(at) === at) return false;
  }
}

/** Whether anything has this name: a dangling link too. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
}
