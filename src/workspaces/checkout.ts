import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { FileChange } from "../protocol/change.ts";
import { git, gitFailed, runGit } from "./git.ts";
import { exists, findRepository, listCheckouts, type Repository } from "./repository.ts";

const CHECKOUT_TIMEOUT_MS = 10 * 60_000;

/** The checkout that a branch is checked out in, or null. */
export async function checkoutOf(repository: Repository, branch: string): Promise<Repository | null> {
  const found = (await listCheckouts(repository.root)).find((checkout) => checkout.branch === branch);
  if (found === undefined || !(await exists(found.folder))) return null;
  const checkout = await findRepository(found.folder);
  return checkout?.commonDir === repository.commonDir ? checkout : null;
}

/** The paths of a change that cannot come into a checkout without touching what its user has not committed. */
export async function blockedPaths(checkout: Repository, files: FileChange[]): Promise<string[]> {
  const cwd = checkout.root;
  const dirty = await dirtyPaths(cwd);
  const blocked = new Set(files.flatMap(pathsOf).filter((path) => dirty.has(path)));
  const leaving = new Set(
    files.flatMap(({ status, path, from }) => from ?? (status === "added" ? [] : path)),
  );
  for (const { status, path } of files) {
    if (status !== "added" && status !== "renamed") continue;
    const obstacle = await obstacleTo(cwd, path, leaving);
    if (obstacle !== null) blocked.add(obstacle);
  }
  return [...blocked].sort();
}

/**
 * Brings the index and files of a checkout from one commit to another; what its user changed elsewhere stays.
 * The branch does not move. git checks everything before it writes the first file.
 */
export async function moveFiles(cwd: string, from: string, to: string): Promise<void> {
  await runGit(["update-index", "-q", "--refresh"], { cwd }); // exits with 1 when a file is dirty: no error here
  const args = ["read-tree", "-m", "-u", from, to];
  const run = await runGit(args, { cwd, timeoutMs: CHECKOUT_TIMEOUT_MS });
  if (run.code !== 0) throw gitFailed(args, cwd, run);
}

/** Whether the index of a checkout holds a commit's version of all these files. */
export async function indexHas(cwd: string, commit: string, files: FileChange[]): Promise<boolean> {
  const differing = await git(["diff-index", "--cached", "--name-only", "--no-renames", "-z", commit], {
    cwd,
  });
  const paths = new Set(differing.split("\0"));
  return files.flatMap(pathsOf).every((path) => !paths.has(path));
}

function pathsOf({ path, from }: FileChange): string[] {
  return from === undefined ? [path] : [from, path];
}

async function dirtyPaths(cwd: string): Promise<Set<string>> {
  const args = [
    "status",
    "--porcelain=v1",
    "-z",
    "--untracked-files=no",
    "--no-renames",
    "--ignore-submodules=dirty",
  ];
  const entries = (await git(args, { cwd })).split("\0");
  return new Set(entries.map((entry) => entry.slice("XY ".length)));
}

/** What stands where a new file wants to go. git itself would overwrite it if it is ignored. */
async function obstacleTo(cwd: string, path: string, leaving: Set<string>): Promise<string | null> {
  const parts = path.split("/");
  for (let i = 1; i <= parts.length; i++) {
    const at = parts.slice(0, i).join("/");
    if (leaving.has(at) || !(await exists(join(cwd, at)))) return null;
    if (!(await lstat(join(cwd, at))).isDirectory()) return at;
  }
  const givesWay = [...leaving].some((left) => left.startsWith(`${path}/`));
  return givesWay ? null : path;
}
