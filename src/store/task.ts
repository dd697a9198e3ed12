import type { TaskId, WorkspaceId } from "../protocol/id.ts";
import type { Task, TaskContext } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, MAX_CANDIDATES, readDocument, readDocuments, saveDocument } from "./document.ts";

/** What a task was asked to do, verbatim; lists and events leave it out. */
export interface TaskText {
  prompt: string;
  context: TaskContext;
}

/** `before` is the `next` of the page before; newest first. */
export interface TaskPage {
  limit: number;
  before?: string | undefined;
  state: "open" | "ended" | "all";
  workspace?: WorkspaceId | undefined;
}

export function insertTask(db: Db, { task, prompt, context }: TaskText & { task: Task }): void {
  saveTask(db, task);
  db.run("INSERT INTO task_text (task, prompt, context) VALUES ($task, $prompt, $context)", {
    task: task.id,
    prompt,
    context: JSON.stringify(context),
  });
}

export function saveTask(db: Db, task: Task): void {
  saveDocument(db, "task", task);
}

export function getTask(db: Db, id: TaskId): Task | null {
  return readDocument(db, "SELECT body FROM task WHERE id = $id", { id });
}

export function getTaskText(db: Db, id: TaskId): TaskText | null {
  const row = db.get<{ prompt: string; context: string }>(
    "SELECT prompt, context FROM task_text WHERE task = $id",
    { id },
  );
  return row && { prompt: row.prompt, context: JSON.parse(row.context) as TaskContext };
}

/** The tasks that `ref` can mean: a slug (of several workspaces, newest first), an id, or the prefix of one. */
export function findTasks(db: Db, ref: string): Task[] {
  const named = readDocuments<Task>(
    db,
    `SELECT body FROM task WHERE slug = $ref ORDER BY place DESC LIMIT ${MAX_CANDIDATES}`,
    { ref },
  );
  return named.length > 0 ? named : findDocuments(db, "task", ref);
}

/** A page of tasks; `next` is null on the last one. */
export function listTasks(db: Db, page: TaskPage): { tasks: Task[]; next: string | null } {
  const found = readDocuments<Task>(
    db,
    `SELECT body FROM task
     WHERE ($before IS NULL OR place < (SELECT place FROM task WHERE id = $before))
       AND ($workspace IS NULL OR workspace = $workspace)
       AND ($state = 'all' OR (state IN ('submitted', 'working', 'input-required')) = ($state = 'open'))
     ORDER BY place DESC LIMIT $limit + 1`,
    { before: page.before ?? null, workspace: page.workspace ?? null, state: page.state, limit: page.limit },
  );
  const tasks = found.slice(0, page.limit);
  return { tasks, next: found.length > page.limit ? tasks.at(-1)!.id : null };
}

/** The first `limit` tasks that wait for a free worker, in the order in which they get one, but for some agents'. */
export function queuedTasks(db: Db, { limit, but }: { limit: number; but: Iterable<string> }): Task[] {
  return readDocuments(
    db,
    `SELECT body FROM task WHERE state = 'submitted'
       AND body ->> '$.model.agent' NOT IN (SELECT value FROM json_each($but))
     ORDER BY since, place LIMIT $limit`,
    { limit, but: JSON.stringify([...but]) },
  );
}

/** A task that waits for the end of its agent's limit. */
export interface ParkedRow {
  id: TaskId;
  agent: string;
  at: number;
  until: number;
}

/** Those, in the order of their hand-over. */
export function parkedTasks(db: Db): ParkedRow[] {
  return db.all(
    `SELECT id, body ->> '$.model.agent' AS agent, body ->> '$.parked.at' AS at, body ->> '$.parked.until' AS until
     FROM task WHERE state = 'working' AND body ->> '$.parked' IS NOT NULL ORDER BY place`,
  );
}

/** How many tasks wait for a free worker. */
export function countQueued(db: Db): number {
  return db.get<{ count: number }>("SELECT COUNT(*) AS count FROM task WHERE state = 'submitted'")!.count;
}

/** Which of the waiting tasks this is, from 1; null when it does not wait. */
export function queuePlace(db: Db, id: TaskId): number | null {
  const { place } = db.get<{ place: number }>(
    `SELECT COUNT(*) AS place FROM task WHERE state = 'submitted'
       AND (since, place) <= (SELECT since, place FROM task WHERE id = $id AND state = 'submitted')`,
    { id },
  )!;
  return place === 0 ? null : place;
}

/** Tasks that failed with their host; oldest first. */
export function lostTasks(db: Db): Task[] {
  return readDocuments(
    db,
    "SELECT body FROM task WHERE state = 'failed' AND body ->> '$.status.reason' = 'lost' ORDER BY place",
  );
}

/** How many tasks have, or are about to have, an agent. */
export function countOccupied(db: Db): number {
  return db.get<{ count: number }>(
    `SELECT COUNT(*) AS count FROM task JOIN session ON session.id = task.body ->> '$.session'
     WHERE task.state IN ('working', 'input-required') AND session.state NOT IN ('stopped', 'error')`,
  )!.count;
}

/** Tasks with an attempt that runs or waits. */
export function liveTasks(db: Db): Task[] {
  return readDocuments(
    db,
    "SELECT body FROM task WHERE state IN ('working', 'input-required') ORDER BY place",
  );
}

export function slugTaken(db: Db, workspace: WorkspaceId, slug: string): boolean {
  return (
    db.get("SELECT 1 FROM task WHERE slug = $slug AND workspace = $workspace", { slug, workspace }) !== null
  );
}
