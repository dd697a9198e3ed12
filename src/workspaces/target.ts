import { DispatchError } from "../base/error.ts";
import type { FileChange } from "../protocol/change.ts";
import { blockedPaths, checkoutOf, indexHas, moveFiles } from "./checkout.ts";
import { refuseHalfway } from "./commit.ts";
import { changesBetween } from "./diff.ts";
import { git, gitFailed, runGit } from "./git.ts";
import { isAncestor } from "./merged.ts";
import { quote } from "../core/quote.ts";
import { exists, resolveCommit, type Repository } from "./repository.ts";

/** The branch `into`, at `old`, and where it is checked out if anywhere; `repository` is some checkout of the same. */
export interface Target {
  repository: Repository;
  checkout: Repository | null;
  into: string;
  old: string;
}

/**
 * The branch that is to receive work; a merge into it that was stopped is finished first.
 * @throws DispatchError `not_found` when there is no such branch, `unavailable` while git is at work in its checkout
 */
export async function findTarget(repository: Repository, into: string): Promise<Target> {
  const old = await resolveCommit(repository.root, `refs/heads/${into}`);
  if (old === null) {
    throw new DispatchError("not_found", `there is no branch ${into}`, {
      hint: `git -C ${quote(repository.root)} branch --list`,
    });
  }
  const target = { repository, checkout: await checkoutOf(repository, into), into, old };
  return { ...target, old: await finishStopped(target) };
}

/**
 * Moves the target branch, after the files of its checkout. A marker lets the next call finish what was stopped.
 * @throws DispatchError `refused` when a checkout's user is in the way, `conflict` when the branch has moved meanwhile
 */
export async function advance(target: Target, commit: string, files: FileChange[]): Promise<void> {
  const { repository, checkout, into } = target;
  if (checkout === null) return moveBranch(target, commit);
  await checkAdvance(target, files);
  const cwd = repository.root;
  await git(["update-ref", markerRef(into), commit], { cwd });
  try {
    await moveCheckedOut(target, checkout, commit);
  } finally {
    await git(["update-ref", "-d", markerRef(into)], { cwd });
  }
}

/** @throws DispatchError `refused` when a checkout's user is in the way of a move; nothing is changed */
export async function checkAdvance({ checkout, into }: Target, files: FileChange[]): Promise<void> {
  if (checkout === null) return;
  await refuseHalfway(checkout);
  const blocked = await blockedPaths(checkout, files);
  if (blocked.length === 0) return;
  throw new DispatchError("refused", `the merge into ${into} would overwrite your ${blocked.join(", ")}`, {
    hint: `git -C ${quote(checkout.root)} status, then commit, stash or move them`,
  });
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
  const lock = `${checkout.gitDir}/index.lock`;
  if (!(await exists(lock))) return;
  throw new DispatchError("unavailable", `git is still at work in ${checkout.root}`, {
    hint: `try again; if no git runs there, remove ${quote(lock)}`,
  });
}

async function moveBranch(target: Target, commit: string): Promise<void> {
  const { repository, into, old } = target;
  const cwd = repository.root;
  const args = ["update-ref", "-m", "dispatch: merge", `refs/heads/${into}`, commit, old];
  const run = await runGit(args, { cwd });
  if (run.code === 0) return;
  throw (await resolveCommit(cwd, `refs/heads/${into}`)) === old
    ? gitFailed(args, cwd, run)
    : movedMeanwhile(target);
}

export function movedMeanwhile({ into }: Target): DispatchError {
  return new DispatchError("conflict", `${into} has moved meanwhile`, { hint: "try again" });
}

function markerRef(into: string): string {
  return `refs/dispatch/merging/${into}`;
}
