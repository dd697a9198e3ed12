import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { DispatchError } from "../base/error.ts";
import { isSettled, type MergeTrouble, troubled, withMergeStatus } from "../core/merge.ts";
import { retryPlan } from "../core/plan.ts";
import type { Merge, MergeStatus } from "../protocol/merge.ts";
import type { Task } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { getMerge, saveMerge } from "../store/merge.ts";
import { getSession } from "../store/session.ts";
import { getTask } from "../store/task.ts";
import { getWorkspace } from "../store/workspace.ts";
import { type Joined, join as joinWork, land, sidesOf } from "../workspaces/merge.ts";
import { type Repository, requireRepository } from "../workspaces/repository.ts";
import { addScratchCheckout, removeScratchCheckout } from "../workspaces/scratch-checkout.ts";
import type { CommandFailure } from "../workspaces/user-command.ts";
import type { Ledger, Tx } from "./commit.ts";
import type { Log } from "./log.ts";
import { restart } from "./restart.ts";
import { writeTask } from "./run.ts";
import type { Turns } from "./turns.ts";

/** How often the gate is run anew because the target moved meanwhile. */
const MAX_ROUNDS = 10;

/** What merging needs of the daemon. */
export interface MergePorts {
  readonly home: string;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly turns: Turns;
  /** True where merges of a workspace have to pass anything. */
  hasGate(workspace: Workspace): boolean;
  /** Sets a fresh checkout up and runs the gate in it. Resolves with the command that failed. */
  gate(
    merge: Merge,
    place: { workspace: Workspace; folder: string; signal: AbortSignal },
  ): Promise<CommandFailure | null>;
  /** True where a task's agent can be told to settle a conflict. */
  canResolve(task: Task): boolean;
  /** Tasks wait for a worker. */
  consider(): void;
}

/** One merge at work. */
interface Job extends MergePorts {
  readonly merge: Merge;
  readonly task: Task;
  readonly workspace: Workspace;
  readonly repository: Repository;
  readonly signal: AbortSignal;
}

/** Where the checkouts lie that gates run in: a folder each, named after its merge. */
export function scratchRoot(home: string): string {
  return join(home, "worktrees", "merges");
}

export function writeMerge(tx: Tx, merge: Merge): void {
  saveMerge(tx.db, merge);
  tx.announce({ type: "merge", merge });
}

/**
 * Brings one merge as far as it comes: merged, ended with what is wrong, or back at its worker. The target only moves
 * to a commit on which the gate has passed, and only from where it stood then. May be called again after a crash.
 * @throws DispatchError what git or the state of a checkout does not allow; the signal's reason when it is aborted
 */
export async function tryMerge(merge: Merge, ports: MergePorts & { signal: AbortSignal }): Promise<void> {
  const { db } = ports.ledger;
  const task = getTask(db, merge.task)!;
  const workspace = getWorkspace(db, task.workspace)!;
  const job = { ...ports, merge, task, workspace, repository: await requireRepository(workspace.path) };
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const joined = await rebase(job);
    if (joined === null) return;
    if (ports.hasGate(workspace) && !(await passes(job, joined))) return;
    if (await landed(job, joined)) return;
  }
  throw new DispatchError("conflict", `${merge.target} has moved ${MAX_ROUNDS} times while the gate ran`);
}

/** The work as a commit on top of the target; null when there is nothing more to do. */
async function rebase(job: Job): Promise<Joined | null> {
  const { repository, task } = job;
  write(job, { state: "rebasing", since: Date.now() });
  const result = await inTurn(job, () => joinWork(requestOf(job)));
  switch (result.outcome) {
    case "joined":
      return result;
    case "already-merged":
      settleMerged(job, result.commit);
      return null;
    case "nothing":
      settleMerged(job, task.worktree!.base);
      return null;
    case "conflict": {
      const sides = await sidesOf(repository.root, result);
      settleTrouble(job, { kind: "conflict", onto: result.onto, files: result.files, ...sides });
      return null;
    }
  }
}

async function passes(job: Job, { commit, onto }: Joined): Promise<boolean> {
  const { merge, workspace, repository, signal } = job;
  write(job, { state: "gating", since: Date.now(), commit });
  const folder = join(scratchRoot(job.home), `${merge.id}.${crypto.randomUUID()}`);
  try {
    const root = await inTurn(job, () => addScratchCheckout(repository, { folder, commit }));
    const runFolder = join(root, relative(repository.root, workspace.path));
    await mkdir(runFolder, { recursive: true }); // the commit has no folder in which it has no file
    const failure = await job.gate(merge, { workspace, folder: runFolder, signal });
    signal.throwIfAborted();
    if (failure) settleTrouble(job, { kind: "gate", onto, ...failure });
    return failure === null;
  } finally {
    await inTurn(job, () => removeScratchCheckout(repository, folder));
  }
}

/** False when the target has moved meanwhile. */
async function landed(job: Job, joined: Joined): Promise<boolean> {
  return inTurn(job, async () => {
    job.signal.throwIfAborted();
    try {
      await land(requestOf(job), joined);
    } catch (error) {
      if (error instanceof DispatchError && error.code === "conflict") return false;
      throw error;
    }
    settleMerged(job, joined.commit);
    return true;
  });
}

/** Nothing else of ours is at work on the repository meanwhile. */
function inTurn<T>({ turns, merge }: Job, work: () => Promise<T>): Promise<T> {
  return turns.take(merge.repository, work);
}

function requestOf({ merge, task, repository }: Job) {
  return {
    repository,
    worktree: task.worktree!.path,
    into: merge.target,
    message: task.title,
    strategy: "squash" as const,
    concludes: true,
  };
}

/** Nothing is written over the end of a merge that was cancelled meanwhile. */
function write({ ledger, merge, signal }: Job, status: MergeStatus): void {
  ledger.commit((tx) => {
    const current = getMerge(tx.db, merge.id)!;
    if (!isSettled(current)) writeMerge(tx, withMergeStatus(current, status));
  });
  signal.throwIfAborted();
}

/** What happened in git is what is told. */
function settleMerged({ ledger, merge }: Job, commit: string): void {
  ledger.commit((tx) => {
    const current = getMerge(tx.db, merge.id)!;
    writeMerge(tx, withMergeStatus(current, { state: "merged", since: Date.now(), commit }));
    const task = getTask(tx.db, merge.task)!;
    if (task.worktree) writeTask(tx, { ...task, worktree: { ...task.worktree, state: "merged" } });
  });
}

/** Ends the merge, or gives it back to the task's worker: in one step with the attempt that is to settle it. */
function settleTrouble(job: Job, trouble: MergeTrouble): void {
  const { ledger, merge } = job;
  ledger.commit((tx) => {
    const current = getMerge(tx.db, merge.id)!;
    if (isSettled(current)) return;
    const task = getTask(tx.db, merge.task)!;
    const next = troubled(current, trouble, { canResolve: job.canResolve(task), now: Date.now() });
    writeMerge(tx, next);
    if (next.status.state === "resolving") handBack(tx, task);
  });
  job.consider();
}

/** The next attempt goes on in the worker's own conversation, where that can be taken up again. */
function handBack(tx: Tx, task: Task): void {
  const session = task.session === null ? null : getSession(tx.db, task.session);
  const { model, thinking, budget } = task;
  const resume = session !== null && session.conversation !== null;
  restart(tx, task, { resume, model, thinking, budget, plan: retryPlan(task.plan) });
}
