import { commitTree } from "./commit.ts";
import { askGit, git, gitFailed, runGit } from "./git.ts";
import { resolveCommit, type Repository } from "./repository.ts";
import { EVERYTHING } from "./working-tree.ts";

/** What git writes around both sides of a conflict (git-merge(1), "How conflicts are presented"). */
const MARKER = "^(<<<<<<<|>>>>>>>) ";

/**
 * Commits a merge that was begun in a worktree and left there, when no file that was in conflict has a marker any more.
 * Answers the files that have one. Nothing happens where no merge was begun.
 */
export async function concludeMerge({ root: cwd, head, branch }: Repository): Promise<string[]> {
  const theirs = await resolveCommit(cwd, "MERGE_HEAD");
  if (theirs === null || head === null || branch === null) return [];
  const unsettled = await unsettledFiles(cwd);
  if (unsettled.length > 0) return unsettled;
  await git(["add", "-A", "--", ...EVERYTHING], { cwd });
  const tree = await git(["write-tree"], { cwd });
  const message = `Merge ${theirs.slice(0, 12)} into ${branch}`;
  const commit = await commitTree({ cwd, tree, parents: [head, theirs], message });
  await git(["update-ref", "-m", "dispatch: merge", "HEAD", commit, head], { cwd });
  await askGit(["merge", "--quit"], { cwd }); // forgets what was begun; no file changes
  return [];
}

async function unsettledFiles(cwd: string): Promise<string[]> {
  const listed = await git(["diff", "--name-only", "--diff-filter=U", "--no-ext-diff", "-z"], { cwd });
  const paths = [...new Set(listed.split("\0").filter(Boolean))].map((path) => `:(top,literal)${path}`);
  if (paths.length === 0) return [];
  const args = ["grep", "--files-with-matches", "-z", "-I", "-E", MARKER, "--", ...paths];
  const run = await runGit(args, { cwd });
  if (run.code > 1) throw gitFailed(args, cwd, run);
  return [...new Set(run.stdout.split("\0").filter(Boolean))];
}
