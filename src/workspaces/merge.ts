import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import type { FileChange, MergeResult, MergeStrategy } from "../protocol/change.ts";
import { blockedPaths, checkoutOf, indexHas, moveFiles } from "./checkout.ts";
import { commitAll, commitTree, refuseHalfway } from "./commit.ts";
import { changesBetween } from "./diff.ts";
import { git } from "./git.ts";
import { isAncestor, isMerged, joinTrees } from "./merged.ts";
import { quote } from "./quote.ts";
import { exists, resolveCommit, type Repository } from "./repository.ts";
import { recordSquash, withSquashed } from "./squash.ts";
import { baseRef, openWorktree, realPlace } from "./worktree.ts";

interface MergeRequest {
  /** The repository that the worktree belongs to, found from another of its checkouts. */
  repository: Repository;
  /** The worktree's folder; it must be on a branch. */
  worktree: string;
  /** The short name of the branch that receives the work. */
  into: string;
  /** What the work is: the message of its own commit and of a squashed one; a merge commit names the branch before it. */
  message: string;
  strategy: MergeStrategy;
}

/** The branch `into`, at `old`, and where it is checked out if anywhere; `repository` is the worktree. */
interface Target {
  repository: Repository;
  checkout: Repository | null;
  into: string;
  old: string;
}

/**
 * Commits what is uncommitted in a worktree on its branch, then merges the branch into `into`, and into the files of
 * the checkout that has `into` checked out, if one has. No hook runs, nothing is signed, nothing goes half-way:
 * on a conflict neither `into` nor any other checkout changes. May be called again after a crash, which loses nothing.
 * The caller runs one merge at a time in a repository.
 * @throws DispatchError `not_found` when there is no such branch, `refused` when a checkout is in the middle of a
 *   merge, or when its user has uncommitted changes in files that the merge touches (the message names them)
 */
export async function merge(request: MergeRequest): Promise<MergeResult> {
  const { worktree, into, message } = request;
  const repository = await openWorktree(request.repository, await realPlace(worktree));
  if (repository.branch === into) {
    throw new DispatchError("refused", `${worktree} is itself on ${into}`, {
      hint: `git -C ${quote(worktree)} switch -c <branch>`,
    });
  }
  const target = await findTarget(repository, into);
  const work = await commitAll(worktree, message);
  return mergeCommit(target, work, request);
}

async function mergeCommit(target: Target, work: string, request: MergeRequest): Promise<MergeResult> {
  const { repository, old } = target;
  const cwd = repository.root;
  if (work === (await resolveCommit(cwd, baseRef(repository.branch!)))) return { outcome: "nothing" };
  const ours = await withSquashed(cwd, repository.branch!, old);
  if (await isMerged(cwd, work, ours)) return { outcome: "already-merged", commit: old };
  const joined = await joinTrees(cwd, ours, work);
  if (!joined.clean) return { outcome: "conflict", conflicts: joined.conflicts, hint: conflictHint(target) };
  const commit = await joiningCommit(target, work, { ...request, tree: joined.tree });
  const files = await changesBetween(cwd, old, commit);
  await advance(target, commit, files);
  if (request.strategy === "squash")
    await recordSquash({ cwd, branch: repository.branch!, squash: commit, work });
  return { outcome: "merged", commit, files };
}

async function findTarget(repository: Repository, into: string): Promise<Target> {
  const old = await resolveCommit(repository.root, `refs/heads/${into}`);
  if (old === null) {
    throw new DispatchError("not_found", `there is no branch ${into}`, {
      hint: `git -C ${quote(repository.root)} branch --list`,
    });
  }
  const target = { repository, checkout: await checkoutOf(repository, into), into, old };
  return { ...target, old: await finishStopped(target) };
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

/** Moves the target branch, after the files of its checkout. A marker lets the next call finish what was stopped. */
async function advance(target: Target, commit: string, files: FileChange[]): Promise<void> {
  const { repository, checkout, into } = target;
  if (checkout === null) return moveBranch(target, commit);
  await refuseBlocked(checkout, into, files);
  const cwd = repository.root;
  await git(["update-ref", markerRef(into), commit], { cwd });
  try {
    await moveCheckedOut(target, checkout, commit);
  } finally {
    await git(["update-ref", "-d", markerRef(into)], { cwd });
  }
}

async function moveCheckedOut(target: Target, checkout: Repository, commit: string): Promise<void> {
  await moveFiles(checkout.root, target.old, commit);
  try {
    await moveBranch(target, commit);
  } catch (error) {
    await moveFiles(checkout.root, commit, target.old); // someone else moved the branch meanwhile
    throw error;
  }
}

async function refuseBlocked(checkout: Repository, into: string, files: FileChange[]): Promise<void> {
  await refuseHalfway(checkout);
  const blocked = await blockedPaths(checkout, files);
  if (blocked.length === 0) return;
  throw new DispatchError("refused", `the merge into ${into} would overwrite your ${blocked.join(", ")}`, {
    hint: `git -C ${quote(checkout.root)} status, then commit, stash or move them`,
  });
}

/** A merge that was stopped after its files moved and before its branch did. Answers where the branch is now. */
async function finishStopped(target: Target): Promise<string> {
  const { repository, checkout, into, old } = target;
  const cwd = repository.root;
  const commit = await resolveCommit(cwd, markerRef(into));
  if (commit === null) return old;
  const open = checkout !== null && commit !== old && (await isAncestor(cwd, old, commit));
  const filesMoved = open && (await indexHas(checkout.root, commit, await changesBetween(cwd, old, commit)));
  if (open && !filesMoved) await refuseBusy(checkout);
  if (filesMoved) await moveBranch(target, commit);
  await git(["update-ref", "-d", markerRef(into)], { cwd });
  return filesMoved ? commit : old;
}

/** The git that moves the files outlives the process that started it. */
async function refuseBusy(checkout: Repository): Promise<void> {
  const lock = join(checkout.gitDir, "index.lock");
  if (!(await exists(lock))) return;
  throw new DispatchError("unavailable", `git is still at work in ${checkout.root}`, {
    hint: `try again; if no git runs there, remove ${quote(lock)}`,
  });
}

async function moveBranch({ repository, into, old }: Target, commit: string): Promise<void> {
  await git(["update-ref", "-m", "dispatch: merge", `refs/heads/${into}`, commit, old], {
    cwd: repository.root,
  });
}

function markerRef(into: string): string {
  return `refs/dispatch/merging/${into}`;
}

function conflictHint({ repository, into }: Target): string {
  return `git -C ${quote(repository.root)} merge ${quote(into)}, settle the conflicts, then merge again`;
}
