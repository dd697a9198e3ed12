import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { DispatchError } from "../base/error.ts";
import { isSettled, landingsOf, type MergeTrouble, troubled, withMergeStatus } from "../core/merge.ts";
import { retryPlan } from "../core/plan.ts";
import type { Merge, MergeStatus } from "../protocol/merge.ts";
import type { Task } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { getMerge, saveMerge } from "../store/merge.ts";
import { getSession } from "../store/session.ts";
import { getTask } from "../store/task.ts";
import { sidesOf } from "../workspaces/merge.ts";
import { addScratchCheckout, removeScratchCheckout } from "../workspaces/scratch-checkout.ts";
import type { CommandFailure } from "../workspaces/user-command.ts";
import type { Ledger, Tx } from "./commit.ts";
import type { Log } from "./log.ts";
import { markMerged, mergeParts, type RoomPart, writeMerged } from "./mergeable.ts";
import {
  conflictAmong,
  joinAll,
  type JoinedPart,
  landAll,
  landingAmong,
  type LandingPart,
} from "./merge-together.ts";
import { restart } from "./restart.ts";
import { roomsOf } from "./rooms.ts";
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

/** One merge at work. `parts`: the task's worktree in each of its repositories. */
interface Job extends MergePorts {
  readonly merge: Merge;
  readonly parts: readonly RoomPart[];
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
 * Brings one merge as far as it comes: merged, ended with what is wrong, or back at its worker. A target only moves
 * to a commit on which the gate has passed, and only from where it stood then; of several none moves before the gates of
 * all have passed. May be called again after a crash.
 * @throws DispatchError what git or the state of a checkout does not allow; the signal's reason when it is aborted
 */
export async function tryMerge(merge: Merge, ports: MergePorts & { signal: AbortSignal }): Promise<void> {
  const job = { ...ports, merge, parts: await partsOf(merge, ports) };
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const landing = await rebase(job);
    if (landing === null) return;
    if (!(await passAll(job, landing))) return;
    if (await landed(job, landing)) return;
  }
  throw new DispatchError("conflict", `${merge.target} has moved ${MAX_ROUNDS} times while the gate ran`);
}

/** The task's worktrees, each with the target that was written down for it. */
async function partsOf(merge: Merge, { ledger: { db } }: MergePorts): Promise<RoomPart[]> {
  const task = getTask(db, merge.task)!;
  const targets = landingsOf(merge).map(({ target }) => target);
  const rooms = roomsOf(db, task).map((room, at) => ({
    ...room,
    worktree: room.worktree!,
    into: targets[at]!,
  }));
  return mergeParts(rooms, { message: task.title, strategy: "squash", concludes: true });
}

/** The works as commits on top of their targets; null when there is nothing more to do. */
async function rebase(job: Job): Promise<LandingPart<RoomPart>[] | null> {
  write(job, { state: "rebasing", since: Date.now() });
  const joined = await inTurn(job, () => joinAll(job.parts));
  const conflict = conflictAmong(joined);
  if (conflict) {
    const { onto, files } = conflict.joined;
    const sides = await sidesOf(conflict.request.repository.root, conflict.joined);
    settleTrouble(job, { kind: "conflict", ...siteOf(job, conflict), onto, files, ...sides });
    return null;
  }
  const landing = landingAmong(joined);
  if (landing.length > 0) return landing;
  const first = joined.find((part) => part.joined.outcome === "already-merged") ?? joined[0]!;
  settleMerged(job, commitOf(first));
  return null;
}

/** Where a target stands that has the work already, or had nothing to get. */
function commitOf({ joined, room }: JoinedPart<RoomPart>): string {
  return joined.outcome === "already-merged" ? joined.commit : room.worktree.base;
}

/** Each passes the gate of its own workspace. */
async function passAll(job: Job, landing: readonly LandingPart<RoomPart>[]): Promise<boolean> {
  for (const part of landing)
    if (job.hasGate(part.room.workspace) && !(await passes(job, part))) return false;
  return true;
}

async function passes(job: Job, part: LandingPart<RoomPart>): Promise<boolean> {
  const { onto, commit } = part.joined;
  write(job, { state: "gating", since: Date.now(), commit });
  const failure = await failureAt(job, part);
  job.signal.throwIfAborted();
  if (failure) settleTrouble(job, { kind: "gate", ...siteOf(job, part), onto, ...failure });
  return failure === null;
}

/** What fails of the gate in a checkout of its own, which is gone when this resolves: nothing is left of what is told. */
async function failureAt(
  job: Job,
  { room: { workspace }, request: { repository }, joined: { commit } }: LandingPart<RoomPart>,
): ReturnType<MergePorts["gate"]> {
  const { merge, signal } = job;
  const folder = join(scratchRoot(job.home), `${merge.id}.${crypto.randomUUID()}`);
  try {
    const root = await inTurn(job, () => addScratchCheckout(repository, { folder, commit }));
    const runFolder = join(root, relative(repository.root, workspace.path));
    await mkdir(runFolder, { recursive: true }); // the commit has no folder in which it has no file
    return await job.gate(merge, { workspace, folder: runFolder, signal });
  } finally {
    await inTurn(job, () => removeScratchCheckout(repository, folder));
  }
}

/** Which repository it is, where there are several. */
function siteOf({ parts }: Job, { name }: RoomPart): { place?: string } {
  return parts.length === 1 ? {} : { place: name };
}

/** False when a target has moved meanwhile. */
async function landed(job: Job, landing: readonly LandingPart<RoomPart>[]): Promise<boolean> {
  return inTurn(job, async () => {
    job.signal.throwIfAborted();
    try {
      await landAll(landing, (part) => job.ledger.commit((tx) => markMerged(tx, job.merge.task, part.at)));
    } catch (error) {
      if (error instanceof DispatchError && error.code === "conflict") return false;
      throw error;
    }
    settleMerged(job, landing[0]!.joined.commit);
    return true;
  });
}

/** Nothing else of ours is at work on the repositories meanwhile. */
function inTurn<T>({ turns, merge }: Job, work: () => Promise<T>): Promise<T> {
  return turns.takeAll(
    landingsOf(merge).map(({ repository }) => repository),
    work,
  );
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
    writeMerged(tx, merge.task);
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
