import type { Blocker } from "../protocol/attention.ts";
import type { SweepId, TaskId, WorkspaceId } from "../protocol/id.ts";
import type { Sweep } from "../protocol/sweep.ts";
import type { Spent, Task } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, MAX_CANDIDATES, readDocument, readDocuments, saveDocument } from "./document.ts";

/** Writes a sweep that is new, or has another budget. */
export function saveSweep(db: Db, sweep: Sweep): void {
  saveDocument(db, "sweep", sweep);
}

export function getSweep(db: Db, id: SweepId): Sweep | null {
  return readDocument(db, "SELECT body FROM sweep WHERE id = $id", { id });
}

/** The sweeps that `ref` can mean: a slug (of several workspaces, newest first), an id, or the prefix of one. */
export function findSweeps(db: Db, ref: string): Sweep[] {
  const named = readDocuments<Sweep>(
    db,
    `SELECT body FROM sweep WHERE slug = $ref ORDER BY place DESC LIMIT ${MAX_CANDIDATES}`,
    { ref },
  );
  return named.length > 0 ? named : findDocuments(db, "sweep", ref);
}

/** A page of sweeps, newest first; `next` is null on the last one. */
export function listSweeps(
  db: Db,
  page: { limit: number; before?: string | undefined },
): { sweeps: Sweep[]; next: string | null } {
  const found = readDocuments<Sweep>(
    db,
    `SELECT body FROM sweep
     WHERE $before IS NULL OR place < (SELECT place FROM sweep WHERE id = $before)
     ORDER BY place DESC LIMIT $limit + 1`,
    { before: page.before ?? null, limit: page.limit },
  );
  const sweeps = found.slice(0, page.limit);
  return { sweeps, next: found.length > page.limit ? sweeps.at(-1)!.id : null };
}

/** How many tasks of a sweep are in which state. */
export function countStates(db: Db, sweep: SweepId): Record<string, number> {
  const rows = db.all<{ state: string; count: number }>(
    "SELECT state, COUNT(*) AS count FROM task WHERE sweep = $sweep GROUP BY state",
    { sweep },
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** The tasks of a sweep, in the order in which they were handed over. */
export function tasksOfSweep(db: Db, sweep: SweepId): Task[] {
  return readDocuments(db, "SELECT body FROM task WHERE sweep = $sweep ORDER BY place", { sweep });
}

/** What the tasks of a sweep have used together. */
export function spentBySweep(db: Db, sweep: SweepId): Spent {
  return db.get<Spent>(
    `SELECT COALESCE(SUM(body ->> '$.spent.dollars'), 0) AS dollars, COALESCE(SUM(body ->> '$.spent.tokens'), 0) AS tokens
     FROM task WHERE sweep = $sweep`,
    { sweep },
  )!;
}

/** Sweeps with a budget that have tasks which wait for a worker. */
export function budgetedSweeps(db: Db): Sweep[] {
  return readDocuments(
    db,
    `SELECT body FROM sweep
     WHERE body ->> '$.budget' IS NOT NULL AND id IN (SELECT sweep FROM task WHERE ready)`,
  );
}

/** Sweeps whose tasks share a budget of time. */
export function timeBudgetedSweeps(db: Db): Sweep[] {
  return readDocuments(db, "SELECT body FROM sweep WHERE body ->> '$.budget.timeMs' IS NOT NULL");
}

/** How many tasks may run at once of each sweep that limits it and has waiting ones. */
export function sweepRooms(db: Db): Map<string, number> {
  const rows = db.all<{ id: string; concurrent: number }>(
    `SELECT id, body ->> '$.concurrent' AS concurrent FROM sweep
     WHERE body ->> '$.concurrent' IS NOT NULL AND id IN (SELECT sweep FROM task WHERE ready)`,
  );
  return new Map(rows.map(({ id, concurrent }) => [id, concurrent]));
}

/** Sweeps with a time limit that have tasks which have not ended. */
export function timedSweeps(db: Db): Sweep[] {
  return readDocuments(
    db,
    `SELECT body FROM sweep WHERE body ->> '$.timeoutMs' IS NOT NULL AND EXISTS (
       SELECT 1 FROM task WHERE task.sweep = sweep.id AND state IN ('submitted', 'working', 'input-required'))`,
  );
}

export function sweepSlugTaken(db: Db, workspace: WorkspaceId, slug: string): boolean {
  return (
    db.get("SELECT 1 FROM sweep WHERE slug = $slug AND workspace = $workspace", { slug, workspace }) !== null
  );
}

/** A task comes after these. */
export function saveAfter(db: Db, { id, after }: Pick<Task, "id" | "after">): void {
  for (const dependency of after)
    db.run("INSERT OR IGNORE INTO task_after (task, dependency) VALUES ($task, $dependency)", {
      task: id,
      dependency,
    });
}

/** The tasks that come right after one. */
export function dependentsOf(db: Db, id: TaskId): Task[] {
  return readDocuments(
    db,
    `SELECT body FROM task WHERE id IN (SELECT task FROM task_after WHERE dependency = $id) ORDER BY place`,
    { id },
  );
}

/** The tasks that come after one, near or far. */
export function allDependentsOf(db: Db, id: TaskId): Task[] {
  return readDocuments(
    db,
    `WITH RECURSIVE later (id) AS (
       SELECT task FROM task_after WHERE dependency = $id
       UNION SELECT task_after.task FROM task_after JOIN later ON dependency = later.id)
     SELECT body FROM task WHERE id IN later ORDER BY place`,
    { id },
  );
}

/** These tasks, and all that they come after, near or far. */
export function withAncestors(db: Db, ids: readonly TaskId[]): Set<string> {
  const rows = db.all<{ id: string }>(
    `WITH RECURSIVE earlier (id) AS (
       SELECT value FROM json_each($ids)
       UNION SELECT dependency FROM task_after JOIN earlier ON task = earlier.id)
     SELECT id FROM earlier`,
    { ids: JSON.stringify(ids) },
  );
  return new Set(rows.map(({ id }) => id));
}

/** The ended tasks without whose retry others never start. */
export function listBlockers(db: Db): Blocker[] {
  const rows = db.all<Omit<Blocker, "blocks" | "instead"> & { blocks: string; instead: string }>(
    `SELECT blocker.id AS task, blocker.slug, blocker.state, blocker.body ->> '$.status.hint' AS hint,
       COALESCE(blocker.body ->> '$.status.instead', '[]') AS instead, json_group_array(blocked.slug) AS blocks
     FROM task AS blocked, json_each(blocked.body, '$.blockedBy') AS by, task AS blocker
     WHERE blocked.state = 'submitted' AND blocker.id = by.value
     GROUP BY blocker.id ORDER BY blocker.place`,
  );
  return rows.map((row) => ({
    ...row,
    instead: JSON.parse(row.instead) as string[],
    blocks: JSON.parse(row.blocks) as string[],
  }));
}
