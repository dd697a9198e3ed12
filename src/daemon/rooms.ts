import { join, relative } from "node:path";
import { placeName, placesOf } from "../core/place.ts";
import type { TaskId, WorkspaceId } from "../protocol/id.ts";
import type { Task, TaskPlace } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { getTask } from "../store/task.ts";
import { getWorkspace } from "../store/workspace.ts";

/** A workspace that a task works in, and what the task has there. */
export interface Room extends Omit<TaskPlace, "workspace"> {
  readonly workspace: Workspace;
}

/** The rooms of a task, its own workspace's first; most have one. */
export type Rooms = readonly [Room, ...Room[]];

export function roomsOf(db: Db, task: Task): Rooms {
  return roomsIn(task, (id) => getWorkspace(db, id)!);
}

/** The same of a task whose workspaces may not be in the store yet. */
export function roomsIn(task: Task, workspaceOf: (id: Workspace["id"]) => Workspace): Rooms {
  const [own, ...further] = placesOf(task);
  const first = workspaceOf(own!.workspace);
  return [
    { ...own!, workspace: first, name: placeName(first.path) },
    ...further.map((place, at) => ({
      ...place,
      name: task.also[at]!.name,
      workspace: workspaceOf(place.workspace),
    })),
  ];
}

/** The folders that a task works in beside its run folder: none in worktrees, which lie in that. */
export function furtherFolders(db: Db, task: Task): string[] {
  return task.wantsWorktree ? [] : roomsOf(db, task).slice(1).map(folderOf);
}

/** The further workspaces of a session's task, as the policy sees them. */
export function alsoIn(db: Db, id: TaskId | null): { workspace: WorkspaceId; folder: string }[] {
  const task = id && getTask(db, id);
  if (!task || task.also.length === 0) return [];
  return roomsOf(db, task)
    .slice(1)
    .map((room) => ({ workspace: room.workspace.id, folder: folderOf(room) }));
}

/** Where a room's workspace is: in its worktree, or else itself. */
export function folderOf({ workspace, worktree }: Pick<Room, "workspace" | "worktree">): string {
  if (worktree === null) return workspace.path;
  return join(worktree.path, relative(workspace.repository ?? workspace.path, workspace.path));
}

/** The checkout that a room's changes are in. */
export function checkoutOf({ workspace, worktree }: Pick<Room, "workspace" | "worktree">): string {
  return worktree?.path ?? workspace.path;
}
