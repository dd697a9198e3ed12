import { existsSync } from "node:fs";
import { DispatchError } from "../base/error.ts";
import { isOfLastEnd, mergeCommand } from "../core/merge.ts";
import { placesOf, withPlaces, withWorktrees } from "../core/place.ts";
import { isEnded } from "../core/run.ts";
import { hasRivals, isOnOffer } from "../core/sweep.ts";
import type { Config } from "../protocol/config.ts";
import type { TaskId } from "../protocol/id.ts";
import type { Merge } from "../protocol/merge.ts";
import type { Task, TaskWorktree } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { lastMergeOf } from "../store/merge.ts";
import { getSweep, saveSweep } from "../store/sweep.ts";
import { getTask } from "../store/task.ts";
import type { MergeRequest } from "../workspaces/merge.ts";
import { requireRepository } from "../workspaces/repository.ts";
import type { Tx } from "./commit.ts";
import type { MergePart } from "./merge-together.ts";
import { lost } from "./place.ts";
import { type Room, type Rooms, roomsOf } from "./rooms.ts";
import { notStarted, writeTask } from "./run.ts";
import { settingsOf } from "./worktree-setup.ts";

/** A room whose worktree can be merged, and into which branch. */
export interface MergeableRoom extends Room {
  readonly worktree: TaskWorktree;
  readonly into: string;
}

/** A room of a task by its place among them, as it is merged. */
export interface RoomPart extends MergePart {
  readonly at: number;
  readonly room: MergeableRoom;
}

/** The rooms of a task, of which each can be merged. @throws DispatchError why one cannot */
export function mergeable(task: Task, rooms: Rooms): MergeableRoom[] {
  if (!isEnded(task))
    throw new DispatchError("conflict", `${task.slug} has not ended`, { hint: `dispatch wait ${task.slug}` });
  if (task.runFolder === null) throw notStarted(task);
  return rooms.map((room) => mergeableRoom(task, room));
}

function mergeableRoom(task: Task, room: Room): MergeableRoom {
  const { worktree } = room;
  if (!worktree)
    throw new DispatchError(
      "refused",
      `${task.slug} ran in the checkout itself: its changes are there already`,
      {
        hint: `dispatch diff ${task.slug}`,
      },
    );
  if (worktree.state === "removed")
    throw new DispatchError("conflict", `the worktree of ${task.slug} was removed`, {
      hint: `git merge ${worktree.branch}`,
    });
  if (!existsSync(worktree.path)) throw lost(task, worktree);
  if (worktree.target === null)
    throw new DispatchError("refused", `${task.slug} started from a commit that was on no branch`, {
      hint: `commit what is in ${worktree.path}, then git merge ${worktree.branch}`,
    });
  return { ...room, worktree, into: worktree.target };
}

/** The rooms as they are merged. */
export function mergeParts(
  rooms: readonly MergeableRoom[],
  how: Pick<MergeRequest, "message" | "strategy" | "concludes">,
): Promise<RoomPart[]> {
  return Promise.all(
    rooms.map(async (room, at) => {
      const repository = await requireRepository(room.workspace.path);
      const request = { repository, worktree: room.worktree.path, into: room.into, ...how };
      return { name: room.name, at, room, request };
    }),
  );
}

/** One of a task's worktrees has landed: what is told of it survives us. */
export function markMerged(tx: Tx, id: TaskId, at: number): void {
  const task = getTask(tx.db, id)!;
  const places = placesOf(task).map(({ worktree, snapshot }, each) => ({
    worktree: worktree && each === at ? { ...worktree, state: "merged" as const } : worktree,
    snapshot,
  }));
  writeTask(tx, { ...task, ...withPlaces(task, places) });
}

/** All of a task's work has landed; where it has rivals, it is the one that is taken. */
export function writeMerged(tx: Tx, id: TaskId): Task {
  const task = withWorktrees(getTask(tx.db, id)!, "merged");
  writeTask(tx, task);
  const sweep = task.sweep && getSweep(tx.db, task.sweep);
  if (sweep && hasRivals(sweep)) saveSweep(tx.db, { ...sweep, taken: id });
  return task;
}

/** True where merges of a task's work pass a gate, in any of its workspaces. */
export function isGated(db: Db, task: Task, config: Config): boolean {
  return roomsOf(db, task).some(({ workspace }) => settingsOf(config, workspace).gate.length > 0);
}

/** The slug of the rival whose result was merged in place of a task's own; null: there is none. */
export function mergedInstead(db: Db, { id, sweep: of }: Task): string | null {
  const sweep = of && getSweep(db, of);
  if (!sweep || isOnOffer(id, sweep)) return null;
  return getTask(db, sweep.taken!)!.slug;
}

/** What goes on with work that nobody has merged: the command that does, or for a rival that lost none. */
export function mergeHint(db: Db, task: Task, config: Config): string | null {
  if (mergedInstead(db, task) !== null) return null;
  return mergeCommand(task.slug, { gated: isGated(db, task, config) });
}

/** A task's last way through the merge queue; null where it has ended anew since. */
export function mergeSinceEnd(db: Db, task: Task): Merge | null {
  const merge = lastMergeOf(db, task.id);
  return merge && isOfLastEnd(merge, task) ? merge : null;
}
