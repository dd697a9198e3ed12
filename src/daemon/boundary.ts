import { relative } from "node:path";
import { newId } from "../base/id.ts";
import { type Clash, clashOf, isWithin, type Tenant } from "../core/boundary.ts";
import { globBelow } from "../core/globs.ts";
import type { Flag } from "../protocol/flag.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Task } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { getAttempt } from "../store/attempt.ts";
import { tasksInCheckouts } from "../store/task.ts";
import { getWorkspace } from "../store/workspace.ts";

/** Files outside a boundary that are named; the rest are counted. */
const MAX_NAMED_FILES = 20;
const MAX_NAMED_TASKS = 5;

/** How a task shares its workspace's checkout; null for one in a worktree of its own. */
export function tenantOf(task: Task, workspace: Workspace): Tenant | null {
  if (task.wantsWorktree) return null;
  const root = rootOf(workspace);
  const below = relative(root, workspace.path);
  const owns = task.owns.map((glob) => globBelow(below, glob));
  return { id: task.id, slug: task.slug, root, owns, readOnly: task.permissions === "read-only" };
}

/** The tasks that have not ended and share a checkout. */
export function openTenants(db: Db): Tenant[] {
  return tasksInCheckouts(db, Infinity).flatMap(
    (task) => tenantOf(task, getWorkspace(db, task.workspace)!) ?? [],
  );
}

/** Why two tasks cannot have these boundaries at the same time. */
export function overlapText(slug: string, { own, theirs }: Extract<Clash, { kind: "overlap" }>): string {
  return `its ${own} overlaps ${theirs} of ${slug}, which works in the same checkout`;
}

/** What a person is told of tasks that may write the same files at once; nothing where none do. */
export function sharingNotices(tenant: Tenant | null, others: readonly Tenant[]): string[] {
  if (!tenant) return [];
  const names = others.filter((other) => clashOf(tenant, other)).map(({ slug }) => slug);
  if (names.length === 0) return [];
  const shown = names.slice(0, MAX_NAMED_TASKS).join(", ");
  const more = names.length > MAX_NAMED_TASKS ? ` and ${names.length - MAX_NAMED_TASKS} more` : "";
  return [
    `${tenant.slug} may write the same files as ${shown}${more} at the same time; --worktree, --after or --owns keeps them apart`,
  ];
}

/** Of the files that changed while a task ran, those that another one in the same checkout has in its boundary aside. */
export function withoutOthers(db: Db, task: Task, files: readonly string[]): string[] {
  const tenant = tenantOf(task, getWorkspace(db, task.workspace)!);
  if (!tenant) return [...files];
  const { startedAt } = getAttempt(db, task.id, task.attempt)!;
  const others = tasksInCheckouts(db, startedAt)
    .filter(({ id }) => id !== task.id)
    .flatMap((each) => tenantOf(each, getWorkspace(db, each.workspace)!) ?? [])
    .filter(({ root, owns }) => root === tenant.root && owns.length > 0);
  const isTheirs = (file: string) => others.some(({ owns }) => isWithin(file, owns));
  return files.filter((file) => (tenant.owns.length > 0 && isWithin(file, tenant.owns)) || !isTheirs(file));
}

/** The flag for a task that changed files outside its boundary; null for one that kept it. */
export function boundaryFlag(
  db: Db,
  { task, session, files }: { task: Task; session: SessionId; files: readonly string[] },
): Flag | null {
  const workspace = getWorkspace(db, task.workspace)!;
  const below = relative(rootOf(workspace), workspace.path);
  const owns = task.owns.map((glob) => globBelow(below, glob));
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
