import { DispatchError } from "../base/error.ts";
import type { FileChange, MergeResult, MergeStrategy } from "../protocol/change.ts";
import { commitAll, commitTree } from "./commit.ts";
import { concludeMerge } from "./conclude-merge.ts";
import { changesBetween } from "./diff.ts";
import { git } from "./git.ts";
import { isAncestor, isMerged, joinTrees } from "./merged.ts";
import { quote } from "../core/quote.ts";
import { resolveCommit, type Repository } from "./repository.ts";
import { recordSquash, withSquashed } from "./squash.ts";
import { advance, checkAdvance, findTarget, movedMeanwhile, type Target } from "./target.ts";
import { baseRef, openWorktree, realPlace } from "./worktree.ts";

const MAX_SIDE_COMMITS = 20;

export interface MergeRequest {
  /** The repository that the worktree belongs to, found from another of its checkouts. */
  repository: Repository;
  /** The worktree's folder; it must be on a branch. */
  worktree: string;
  /** The short name of the branch that receives the work. */
  into: string;
  /** What the work is: the message of its own commit and of a squashed one; a merge commit names the branch before it. */
  message: string;
  strategy: MergeStrategy;
  /** A merge that the worker has settled and left uncommitted is committed; an unsettled one is a conflict. */
  concludes?: boolean;
}

/** Both sides changed the same places of these files; nothing was changed. */
export interface MergeConflict {
  outcome: "conflict";
  onto: string;
  work: string;
  files: string[];
}

/** Work on top of its target, as a commit that no branch has yet. */
export interface Joined {
  outcome: "joined";
  commit: string;
  /** Where the target stood. */
  onto: string;
  /** The branch of the work, and its last commit. */
  branch: string;
  work: string;
  files: FileChange[];
}

/** Why there is nothing to land. */
export type NotJoined = Exclude<MergeResult, { outcome: "merged" | "conflict" }> | MergeConflict;

/**
 * Commits what is uncommitted in a worktree on its branch, then merges the branch into `into`, and into the files of
 * the checkout that has `into` checked out, if one has. No hook runs, nothing is signed, nothing goes half-way:
 * on a conflict neither `into` nor any other checkout changes. May be called again after a crash, which loses nothing.
 * The caller runs one merge at a time in a repository.
 * @throws DispatchError `not_found` when there is no such branch, `refused` when a checkout is in the middle of a
 *   merge, or when its user has uncommitted changes in files that the merge touches (the message names them)
 */
export async function merge(request: MergeRequest): Promise<MergeResult> {
  const joined = await join(request);
  if (joined.outcome === "joined") await land(request, joined);
  return mergeResult(request, joined);
}

/** What is told of work that was joined and, where nothing kept it from it, has landed. */
export function mergeResult(request: MergeRequest, joined: Joined | NotJoined): MergeResult {
  switch (joined.outcome) {
    case "joined":
      return { outcome: "merged", commit: joined.commit, files: joined.files };
    case "conflict":
      return { outcome: "conflict", conflicts: joined.files, hint: conflictHint(request) };
    case "already-merged":
    case "nothing":
      return joined;
  }
}

/**
 * The first half of `merge`: what is uncommitted in the worktree is committed on its branch, and the commit is made
 * that `land` moves the target to. Neither the target nor any other checkout changes.
 * @throws DispatchError as `merge`
 */
export async function join(request: MergeRequest): Promise<Joined | NotJoined> {
  const { worktree, into, message } = request;
  const repository = await openWorktree(request.repository, await realPlace(worktree));
  if (repository.branch === into) {
    throw new DispatchError("refused", `${worktree} is itself on ${into}`, {
      hint: `git -C ${quote(worktree)} switch -c <branch>`,
    });
  }
  const target = await findTarget(repository, into);
  const unsettled = request.concludes ? await concludeMerge(repository) : [];
  if (unsettled.length > 0)
    return { outcome: "conflict", onto: target.old, work: repository.head!, files: unsettled };
  const work = await commitAll(worktree, message);
  return joinCommit(target, work, request);
}

/**
 * The second half of `merge`: moves the target, and the files of its checkout, to what was joined.
 * @throws DispatchError `conflict` when the target is no longer where it was, `refused` as `merge`
 */
export async function land(
  { repository, into, strategy }: Pick<MergeRequest, "repository" | "into" | "strategy">,
  { commit, onto, branch, work, files }: Joined,
): Promise<void> {
  const target = await findTarget(repository, into);
  if (target.old !== onto) throw movedMeanwhile(target);
  // Before the branch moves: a record of a squash that never came counts for nothing.
  if (strategy === "squash") await recordSquash({ cwd: repository.root, branch, squash: commit, work });
  await advance(target, commit, files);
}

/** @throws DispatchError where `land` would; nothing is changed */
export async function checkLanding(
  { repository, into }: Pick<MergeRequest, "repository" | "into">,
  { onto, files }: Joined,
): Promise<void> {
  const target = await findTarget(repository, into);
  if (target.old !== onto) throw movedMeanwhile(target);
  await checkAdvance(target, files);
}

/** What either side of a conflict did since they parted, newest first, a line each; at most MAX_SIDE_COMMITS. */
export async function sidesOf(
  cwd: string,
  { onto, work }: { onto: string; work: string },
): Promise<{ ours: string[]; theirs: string[] }> {
  const [ours, theirs] = await Promise.all([commitsOf(cwd, work, onto), commitsOf(cwd, onto, work)]);
  return { ours, theirs };
}

async function commitsOf(cwd: string, without: string, tip: string): Promise<string[]> {
  const count = `--max-count=${MAX_SIDE_COMMITS}`;
  const text = await git(["log", "--format=%h %s", "--no-show-signature", count, tip, `^${without}`, "--"], {
    cwd,
  });
  return text.split("\n").filter(Boolean);
}

async function joinCommit(target: Target, work: string, request: MergeRequest): Promise<Joined | NotJoined> {
  const { repository, old } = target;
  const cwd = repository.root;
  const branch = repository.branch!;
  if (work === (await resolveCommit(cwd, baseRef(branch)))) return { outcome: "nothing" };
  const ours = await withSquashed(cwd, branch, old);
  if (await isMerged(cwd, work, ours)) return { outcome: "already-merged", commit: old };
  const joined = await joinTrees(cwd, ours, work);
  if (!joined.clean) return { outcome: "conflict", onto: old, work, files: joined.conflicts };
  const commit = await joiningCommit(target, work, { ...request, tree: joined.tree });
  const files = await changesBetween(cwd, old, commit);
  return { outcome: "joined", commit, onto: old, branch, work, files };
}

async function joiningCommit(
  { repository, old }: Target,
  work: string,
  { tree, message, strategy }: { tree: string; message: string; strategy: MergeStrategy },
): Promise<string> {
  const cwd = repository.root;
  const merged = `Merge ${repository.branch}: ${message}`;
  switch (strategy) {
    case "squash":
      return commitTree({ cwd, tree, parents: [old], message });
    case "merge":
      return commitTree({ cwd, tree, parents: [old, work], message: merged });
    case "fast-forward":
      if (await isAncestor(cwd, old, work)) return work;
      return commitTree({ cwd, tree, parents: [old, work], message: merged });
  }
}

/** What a person does about a conflict. */
function conflictHint({ worktree, into }: MergeRequest): string {
  return `git -C ${quote(worktree)} merge ${quote(into)}, settle the conflicts, then merge again`;
}
