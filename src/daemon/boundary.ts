import { relative } from "node:path";
import { newId } from "../base/id.ts";
import { type Clash, clashOf, isWithin, type Tenant } from "../core/boundary.ts";
import { globBelow, globInside } from "../core/globs.ts";
import type { Flag } from "../protocol/flag.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Task } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { getAttempt } from "../store/attempt.ts";
import { boundedInCheckouts } from "../store/task.ts";
import type { NewTask } from "./new-task.ts";
import { type Room, type Rooms, roomsIn, roomsOf } from "./rooms.ts";

/** Files outside a boundary that are named; the rest are counted. */
const MAX_NAMED_FILES = 20;
const MAX_NAMED_TASKS = 5;

/** How a task shares the checkouts of its workspaces, one for each; none for one in worktrees of its own. */
export function tenantsOf(task: Task, rooms: Rooms): Tenant[] {
  if (task.wantsWorktree) return [];
  return rooms.map((room) => {
    const root = rootOf(room.workspace);
    const owns = ownsIn(task, room);
    const keepsOff = task.owns.length > 0 && owns.length === 0;
    const readOnly = task.permissions === "read-only" || keepsOff;
    return { id: task.id, slug: task.slug, root, owns, readOnly };
  });
}

/** The same of a task that is not in the store yet. */
export function tenantsOfNew({ task, workspace, also }: NewTask): Tenant[] {
  const all = [workspace, ...also];
  return tenantsOf(
    task,
    roomsIn(task, (id) => all.find((each) => each.id === id)!),
  );
}

/** A task's boundary in one of its repositories, as globs below the top. */
function ownsIn({ owns, also }: Task, { name, workspace }: Room): string[] {
  if (also.length > 0) return owns.flatMap((glob) => globInside(name, glob));
  const below = relative(rootOf(workspace), workspace.path);
  return owns.map((glob) => globBelow(below, glob));
}

/** Why two tasks cannot have these boundaries at the same time. */
export function overlapText(slug: string, { own, theirs }: Extract<Clash, { kind: "overlap" }>): string {
  return `its ${own} overlaps ${theirs} of ${slug}, which works in the same checkout`;
}

/** What a person is told of tasks that may write the same files at once; nothing where none do. */
export function sharingNotices(tenants: readonly Tenant[], others: readonly Tenant[]): string[] {
  const [tenant] = tenants;
  const clashing = others.filter((other) => tenants.some((own) => clashOf(own, other)));
  const names = [...new Set(clashing.map(({ slug }) => slug))];
  if (!tenant || names.length === 0) return [];
  const shown = names.slice(0, MAX_NAMED_TASKS).join(", ");
  const more = names.length > MAX_NAMED_TASKS ? ` and ${names.length - MAX_NAMED_TASKS} more` : "";
  return [
    `${tenant.slug} may write the same files as ${shown}${more} at the same time; --worktree, --after or --owns keeps them apart`,
  ];
}

/** Of the files that changed while a task ran, those that another one in the same checkout has in its boundary aside. */
export function withoutOthers(db: Db, task: Task, files: readonly string[]): string[] {
  if (task.wantsWorktree) return [...files];
  const rooms = roomsOf(db, task);
  const { startedAt } = getAttempt(db, task.id, task.attempt)!;
  const others = boundedInCheckouts(db, startedAt)
    .filter(({ id }) => id !== task.id)
    .flatMap((each) => tenantsOf(each, roomsOf(db, each)));
  const own = boundaryOf(task, rooms);
  const theirs = rooms.flatMap(({ name, workspace }) =>
    others
      .filter(({ root }) => root === rootOf(workspace))
      .flatMap(({ owns }) => (rooms.length === 1 ? owns : owns.map((glob) => globBelow(name, glob)))),
  );
  const isTheirs = (file: string) => theirs.length > 0 && isWithin(file, theirs);
  return files.filter((file) => (own.length > 0 && isWithin(file, own)) || !isTheirs(file));
}

/** A task's boundary for the paths of its changed files. */
function boundaryOf(task: Task, rooms: Rooms): readonly string[] {
  return rooms.length === 1 ? ownsIn(task, rooms[0]) : task.owns;
}

/** The flag for a task that changed files outside its boundary; null for one that kept it. */
export function boundaryFlag(
  db: Db,
  { task, session, files }: { task: Task; session: SessionId; files: readonly string[] },
): Flag | null {
  const owns = boundaryOf(task, roomsOf(db, task));
  const outside = files.filter((file) => !isWithin(file, owns));
  if (outside.length === 0) return null;
  const shown = outside.slice(0, MAX_NAMED_FILES).join(", ");
  const more = outside.length > MAX_NAMED_FILES ? ` and ${outside.length - MAX_NAMED_FILES} more` : "";
  const text = `It changed files outside its boundary (${task.owns.join(", ")}): ${shown}${more}`;
  return { id: newId("flg"), task: task.id, session, text, raisedAt: Date.now(), seenAt: null };
}

function rootOf({ repository, path }: Workspace): string {
  return repository ?? path;
}
