import { DispatchError } from "../base/error.ts";
import type { DiffText, FileChange } from "../protocol/change.ts";
import { parseChanges } from "./change-list.ts";
import { askGit, git, gitFailed, runGit } from "./git.ts";
import { mergeBase } from "./merged.ts";
import { requireRepository, type Repository } from "./repository.ts";
import { makeScratch, writeWorkingTree, type Scratch } from "./working-tree.ts";

const SNAPSHOT_REFS = "refs/dispatch/snapshot";
/** Nothing that the repository's config or attributes name is run, whatever they say. */
const PLAIN_DIFF = ["diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color"];

/**
 * What changed in a checkout since `base`, uncommitted and untracked files included, `.dispatch/` not.
 * `base` is a branch or commit (then: since the merge base with it) or the tree of a `snapshot`.
 * Nothing is written to the repository.
 * @throws DispatchError `refused` outside a repository, `not_found` when the base is unknown
 */
export async function changes(folder: string, base: string): Promise<FileChange[]> {
  await using scratch = await makeScratch();
  const { cwd, env, from, to } = await compare(folder, base, scratch);
  return parseChanges(await git([...PLAIN_DIFF, "-z", "--raw", "--numstat", from, to], { cwd, env }));
}

/** The same as text, at most `maxBytes` of it, with paths `below` a folder of that name. */
export async function diff(
  folder: string,
  base: string,
  { maxBytes, below }: { maxBytes: number; below?: string },
): Promise<DiffText> {
  await using scratch = await makeScratch();
  const { cwd, env, from, to } = await compare(folder, base, scratch);
  return await diffBetween(cwd, { from, to }, { maxBytes, env, ...(below === undefined ? {} : { below }) });
}

/** The files in which two commits or trees differ. */
export async function changesBetween(cwd: string, from: string, to: string): Promise<FileChange[]> {
  return parseChanges(await git([...PLAIN_DIFF, "-z", "--raw", "--numstat", from, to], { cwd }));
}

/** The same as text, as in `diff`. */
export async function diffBetween(
  cwd: string,
  { from, to }: { from: string; to: string },
  { maxBytes, below, env = {} }: { maxBytes: number; below?: string; env?: Record<string, string> },
): Promise<DiffText> {
  const prefixes = below === undefined ? [] : [`--src-prefix=a/${below}/`, `--dst-prefix=b/${below}/`];
  const args = [...PLAIN_DIFF, "--patch", ...prefixes, from, to];
  const run = await runGit(args, { cwd, env, maxBytes });
  if (run.truncated) return { text: run.stdout.slice(0, run.stdout.lastIndexOf("\n") + 1), truncated: true };
  if (run.code !== 0) throw gitFailed(args, cwd, run);
  return { text: run.stdout, truncated: false };
}

/**
 * The state of a checkout before a run, as a tree to give to `changes` and `diff` as the base.
 * It is kept from git's garbage collection under `name` until `dropSnapshot`. The user's index is not touched.
 */
export async function snapshot(repository: Repository, name: string): Promise<string> {
  await using scratch = await makeScratch();
  const tree = await writeWorkingTree({ repository, as: "view", scratch });
  await git(["update-ref", `${SNAPSHOT_REFS}/${name}`, tree], { cwd: repository.root });
  return tree;
}

export async function dropSnapshot(folder: string, name: string): Promise<void> {
  const { root } = await requireRepository(folder);
  await git(["update-ref", "-d", `${SNAPSHOT_REFS}/${name}`], { cwd: root });
}

async function compare(folder: string, base: string, scratch: Scratch) {
  const repository = await requireRepository(folder);
  const from = await startOf(repository, base);
  const env = {
    GIT_OBJECT_DIRECTORY: scratch.objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(`${repository.commonDir}/objects`),
  };
  const to = await writeWorkingTree({ repository, as: "view", scratch, env });
  return { cwd: repository.root, env, from, to };
}

/** What the changes of a checkout since `base` are compared with: see `changes`. */
export async function startOf({ root: cwd, head }: Repository, base: string): Promise<string> {
  const id = await askGit(["rev-parse", "--verify", "--quiet", "--end-of-options", `${base}^{}`], { cwd });
  if (id === null) {
    throw new DispatchError("not_found", `the repository has no commit ${base}`, {
      hint: "git branch --list",
    });
  }
  const isCommit = (await git(["cat-file", "-t", id], { cwd })) === "commit";
  return isCommit && head !== null ? ((await mergeBase(cwd, id, head)) ?? id) : id;
}
