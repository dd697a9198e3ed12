import { askGit, git, gitFailed, runGit } from "./git.ts";
import { commitTree } from "./commit.ts";

/** The outcome of joining two commits in the object store alone: no branch, index or file changes. */
export type JoinedTrees = { clean: true; tree: string } | { clean: false; conflicts: string[] };

/** @throws DispatchError `unavailable` when git cannot (it is older than 2.38, say) */
export async function joinTrees(cwd: string, ours: string, theirs: string): Promise<JoinedTrees> {
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs];
  const run = await runGit(args, { cwd });
  if (run.code > 1) throw gitFailed(args, cwd, run);
  const [tree, ...conflicts] = run.stdout.split("\0").filter(Boolean);
  return run.code === 0 ? { clean: true, tree: tree! } : { clean: false, conflicts };
}

export async function mergeBase(cwd: string, one: string, other: string): Promise<string | null> {
  return askGit(["merge-base", one, other], { cwd });
}

export async function isAncestor(cwd: string, commit: string, of: string): Promise<boolean> {
  return (await askGit(["merge-base", "--is-ancestor", commit, of], { cwd })) !== null;
}

/**
 * Whether the work up to `commit` is in `into`: by history, because a merge would change nothing,
 * or because `into` has the same patches (rebased one by one, or squashed into one).
 */
export async function isMerged(cwd: string, commit: string, into: string): Promise<boolean> {
  if (await isAncestor(cwd, commit, into)) return true;
  const joined = await joinTrees(cwd, into, commit);
  if (joined.clean && joined.tree === (await treeOf(cwd, into))) return true;
  return (await isRebased(cwd, commit, into)) || (await isSquashed(cwd, commit, into));
}

export function treeOf(cwd: string, commit: string): Promise<string> {
  return git(["rev-parse", `${commit}^{tree}`], { cwd });
}

/** `git cherry` passes over merge commits, whose own changes it could therefore not find missing. */
async function isRebased(cwd: string, commit: string, into: string): Promise<boolean> {
  const merges = await git(["rev-list", "--merges", "--count", `${into}..${commit}`], { cwd });
  return merges === "0" && (await hasPatches(cwd, commit, into));
}

async function isSquashed(cwd: string, commit: string, into: string): Promise<boolean> {
  const base = await mergeBase(cwd, commit, into);
  if (base === null) return false;
  const tree = await treeOf(cwd, commit);
  return hasPatches(cwd, await commitTree({ cwd, tree, parents: [base], message: "squashed" }), into);
}

async function hasPatches(cwd: string, commit: string, into: string): Promise<boolean> {
  const lines = await git(["cherry", into, commit], { cwd });
  return lines.split("\n").every((line) => line.startsWith("-"));
}
