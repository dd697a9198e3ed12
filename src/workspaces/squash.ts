import { commitTree } from "./commit.ts";
import { git } from "./git.ts";
import { isAncestor, treeOf } from "./merged.ts";
import { resolveCommit } from "./repository.ts";

/** Its value is a commit that nobody sees, whose parents are the squash commit and the work that went into it. */
export function squashRef(branch: string): string {
  return `refs/dispatch/squash/${branch}`;
}

/**
 * A squash leaves no trace in history of what went into it, so that work which goes on would conflict with itself.
 * Remember it beside the history.
 */
export async function recordSquash(input: {
  cwd: string;
  branch: string;
  squash: string;
  work: string;
}): Promise<void> {
  const { cwd, branch, squash, work } = input;
  if (squash === work) return; // same parent, files, author and second: git made them one commit
  const tree = await treeOf(cwd, squash);
  const record = await commitTree({ cwd, tree, parents: [squash, work], message: "squash" });
  await git(["update-ref", squashRef(branch), record], { cwd });
}

/**
 * `target` as a commit that has the same files and counts what was squashed from `branch` as merged: what to compare
 * the branch with. It is `target` itself when nothing was squashed, or when the target no longer has the squash commit.
 */
export async function withSquashed(cwd: string, branch: string, target: string): Promise<string> {
  const record = await resolveCommit(cwd, squashRef(branch));
  if (record === null || !(await isAncestor(cwd, `${record}^1`, target))) return target;
  const parents = [target, await git(["rev-parse", `${record}^2`], { cwd })];
  return commitTree({ cwd, tree: await treeOf(cwd, target), parents, message: "target" });
}
