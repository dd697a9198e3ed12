import { copyFile, mkdir, mkdtemp, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git, gitFailed, runGit } from "./git.ts";
import { exists, type Repository } from "./repository.ts";

/** Pathspec of all that is work: the whole checkout without our own task folders, which may lie in a subfolder. */
export const EVERYTHING = [":/", ":(exclude,top,glob)**/.dispatch/**"];

/** Room for one look at a checkout: an index, and objects that nobody needs to keep. Gone when disposed. */
export interface Scratch extends AsyncDisposable {
  index: string;
  objects: string;
}

export async function makeScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), "dispatch-git-"));
  const objects = join(folder, "objects");
  await mkdir(objects);
  return {
    index: join(folder, "index"),
    objects,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * The whole state of a checkout, uncommitted and untracked files included, ignored ones not, as a tree object.
 * The user's index is not touched.
 * - `as: "work"`: what a commit would hold. Filters (LFS, encryption) run; a file that cannot be read is an error.
 * - `as: "view"`: for looking. No filter runs, what cannot be read is left out.
 */
export async function writeWorkingTree(input: {
  repository: Repository;
  as: "work" | "view";
  scratch: Scratch;
  env?: Record<string, string>;
}): Promise<string> {
  const { repository, as, scratch } = input;
  const cwd = repository.root;
  await copyIndex(join(repository.gitDir, "index"), scratch.index);
  const env = {
    ...input.env,
    ...(as === "view" ? await filtersOff(cwd) : {}),
    GIT_INDEX_FILE: scratch.index,
  };
  const args = ["add", "-A", ...(as === "view" ? ["--ignore-errors"] : []), "--", ...EVERYTHING];
  const run = await runGit(args, { cwd, env });
  const leftOut = as === "view" && run.code === 1;
  if (run.code !== 0 && !leftOut) throw gitFailed(args, cwd, run);
  return git(["write-tree"], { cwd, env });
}

/**
 * The copy must not look younger than the original: git trusts an entry that is older than its index without reading
 * the file ("racy git", Documentation/technical/racy-git.txt).
 */
async function copyIndex(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return; // a repository without a first `git add`
  const { mtimeMs } = await stat(from);
  await copyFile(from, to);
  const seconds = Math.floor(mtimeMs / 1000);
  await utimes(to, seconds, seconds);
}

/** Settings under which no filter of the config runs: an empty command means none (gitattributes(5), "filter"). */
async function filtersOff(cwd: string): Promise<Record<string, string>> {
  const run = await runGit(["config", "--null", "--name-only", "--get-regexp", "^filter\\."], { cwd });
  const names = new Set(
    run.stdout
      .split("\0")
      .filter(Boolean)
      .map((key) => key.slice(0, key.lastIndexOf("."))),
  );
  const settings = [...names].flatMap((name) => [
    [`${name}.clean`, ""],
    [`${name}.smudge`, ""],
    [`${name}.process`, ""],
    [`${name}.required`, "false"],
  ]);
  // By environment and not by -c, which splits at the first "=": a filter's name may hold one.
  const pairs = settings.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return Object.fromEntries([["GIT_CONFIG_COUNT", String(settings.length)], ...pairs]);
}
