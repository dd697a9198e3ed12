import { DispatchError } from "../base/error.ts";
import type { GateFailure, Merge, MergeConflict, MergeStatus } from "../protocol/merge.ts";
import type { Task } from "../protocol/task.ts";

/** Times that a worker gets its merge back before a person has to look. */
export const MAX_HANDBACKS = 2;

/** What keeps a task's work from its target. */
export type MergeTrouble = MergeConflict | GateFailure;

export function newMerge(
  task: Task,
  {
    id,
    repository,
    target,
    also,
    handback,
  }: Pick<Merge, "id" | "repository" | "target" | "also" | "handback">,
  now: number,
): Merge {
  return {
    id,
    task: task.id,
    slug: task.slug,
    repository,
    target,
    also,
    handback,
    handbacks: 0,
    status: { state: "waiting", since: now },
    createdAt: now,
  };
}

/** The command that merges a task's work: where merges pass a gate, by the queue. */
export function mergeCommand(slug: string, { gated }: { gated: boolean }): string {
  return gated ? `dispatch merge ${slug} --queue` : `dispatch merge ${slug}`;
}

/** True when nothing more happens to a merge by itself. */
export function isSettled({ status }: Merge): boolean {
  switch (status.state) {
    case "waiting":
    case "rebasing":
    case "gating":
    case "resolving":
      return false;
    case "merged":
    case "conflict":
    case "gate-failed":
    case "refused":
    case "canceled":
      return true;
  }
}

/** False for one that is older than its task's end: it says nothing of the work that lies there now. */
export function isOfLastEnd(merge: Merge, { status }: Task): boolean {
  return !isSettled(merge) || merge.status.since >= status.since;
}

/** Where a merge lands: a branch of each repository of its task, the first one's first. */
export function landingsOf({ repository, target, also }: Merge): { repository: string; target: string }[] {
  return [{ repository, target }, ...also];
}

/** Merges that must not overlap share a lane: one branch of one repository. */
export function lanesOf(merge: Merge): string[] {
  return landingsOf(merge).map(({ repository, target }) => JSON.stringify([repository, target]));
}

/**
 * Which merges to work on now: of each lane that has none at work the first whose task is at rest. One that a daemon
 * had at work when it died is begun again, as if it waited. One of several lanes begins when it is first in all of them;
 * until then those behind it wait, so that it is never overtaken for good.
 * @param open in the order in which they were queued
 */
export function nextMerges(
  open: readonly Merge[],
  { atWork, atRest }: { atWork: ReadonlySet<string>; atRest: (merge: Merge) => boolean },
): Merge[] {
  const held = new Set(atWork);
  const next: Merge[] = [];
  for (const merge of open) {
    if (merge.status.state === "resolving" || !atRest(merge)) continue;
    const lanes = lanesOf(merge);
    if (lanes.every((lane) => !held.has(lane))) next.push(merge);
    for (const lane of lanes) held.add(lane);
  }
  return next;
}

export function withMergeStatus(merge: Merge, status: MergeStatus): Merge {
  return { ...merge, status };
}

/** What trouble comes to: the task's worker gets it back as often as it may, then the merge ends. */
export function troubled(
  merge: Merge,
  trouble: MergeTrouble,
  { canResolve, now }: { canResolve: boolean; now: number },
): Merge {
  if (!merge.handback || !canResolve || merge.handbacks >= MAX_HANDBACKS)
    return withMergeStatus(merge, ended(trouble, now));
  return {
    ...merge,
    handbacks: merge.handbacks + 1,
    status: { state: "resolving", since: now, trouble },
  };
}

/** The worker that had a merge back is at its end: done, the merge waits again; else it ends as it stood. */
export function handedIn(merge: Merge, task: Task, now: number): Merge {
  const { status } = merge;
  if (status.state !== "resolving") return merge;
  if (task.status.state === "completed") return withMergeStatus(merge, { state: "waiting", since: now });
  return withMergeStatus(merge, ended(status.trouble, now));
}

/** @throws DispatchError `conflict` for one that is over */
export function cancelMerge(merge: Merge, now: number): Merge {
  if (!isSettled(merge)) return withMergeStatus(merge, { state: "canceled", since: now });
  throw new DispatchError("conflict", `the merge of ${merge.slug} is over: ${merge.status.state}`, {
    hint: "dispatch merges",
  });
}

function ended(trouble: MergeTrouble, since: number): MergeStatus {
  switch (trouble.kind) {
    case "conflict":
      return { state: "conflict", since, trouble };
    case "gate":
      return { state: "gate-failed", since, trouble };
  }
}
