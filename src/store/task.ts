import type { SessionId, SweepId, TaskId, WorkspaceId } from "../protocol/id.ts";
import type { Priority, Task, TaskContext } from "../protocol/task.ts";
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
  sweep?: SweepId | undefined;
  fromSession?: SessionId | undefined;
}

/** SQL for a task that has a further workspace of this id. */
export function alsoIn(id: string): string {
  return `EXISTS (SELECT 1 FROM json_each(task.body, '$.also') WHERE value ->> '$.workspace' = ${id})`;
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
       AND ($workspace IS NULL OR workspace = $workspace OR ${alsoIn("$workspace")})
       AND ($sweep IS NULL OR sweep = $sweep)
       AND ($fromSession IS NULL OR from_session = $fromSession)
       AND ($state = 'all' OR (state IN ('submitted', 'working', 'input-required')) = ($state = 'open'))
     ORDER BY place DESC LIMIT $limit + 1`,
    {
      before: page.before ?? null,
      workspace: page.workspace ?? null,
      sweep: page.sweep ?? null,
      fromSession: page.fromSession ?? null,
      state: page.state,
      limit: page.limit,
    },
  );
  const tasks = found.slice(0, page.limit);
  return { tasks, next: found.length > page.limit ? tasks.at(-1)!.id : null };
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

/** Tasks to which something happened since a time, in the order of hand-over; the newest `limit` of them. */
export function tasksSince(db: Db, since: number, limit: number): Task[] {
  const newest = readDocuments<Task>(
    db,
    "SELECT body FROM task WHERE body ->> '$.updatedAt' >= $since ORDER BY place DESC LIMIT $limit",
    { since, limit },
  );
  return newest.toReversed();
}

/** The open tasks without a worktree. */
export function tasksInCheckouts(db: Db): Task[] {
  return readDocuments(
    db,
    "SELECT body FROM task WHERE state IN ('submitted', 'working', 'input-required') AND NOT body ->> '$.wantsWorktree'",
  );
}

/** The tasks without a worktree that have a boundary, and are open or had something happen to them since a time. */
export function boundedInCheckouts(db: Db, since: number): Task[] {
  return readDocuments(
    db,
    `SELECT body FROM task WHERE json_array_length(body, '$.owns') > 0 AND NOT body ->> '$.wantsWorktree'
       AND (state IN ('submitted', 'working', 'input-required') OR body ->> '$.updatedAt' >= $since)`,
    { since },
  );
}

/** A waiting task as the queue sees it (`core/queue.ts`). */
export interface WaitingRow {
  id: TaskId;
  workspace: WorkspaceId;
  sweep: SweepId | null;
  agent: string;
  priority: Priority;
  since: number;
  place: number;
}

/** The tasks that wait for a free worker, and for nothing else. */
export function waitingTasks(db: Db): WaitingRow[] {
  return db.all(
    `SELECT id, workspace, sweep, body ->> '$.model.agent' AS agent, body ->> '$.priority' AS priority, since, place
     FROM task WHERE ready ORDER BY place`,
  );
}

/** How many those are. */
export function countQueued(db: Db): number {
  return db.get<{ count: number }>("SELECT COUNT(*) AS count FROM task WHERE ready")!.count;
}

/** Which agents work or start for which sweeps: a row for each worker. */
export function busyWorkers(db: Db): { agent: string; sweep: SweepId | null }[] {
  return db.all(
    `SELECT session.body ->> '$.agent' AS agent, task.sweep AS sweep
     FROM session JOIN task ON task.id = session.task
     WHERE session.state IN ('starting', 'ready', 'busy', 'stopping')
       AND task.state IN ('working', 'input-required') AND session.id = task.body ->> '$.session'`,
  );
}

/** Tasks that failed with their host; oldest first. */
export function lostTasks(db: Db): Task[] {
  return readDocuments(
    db,
    "SELECT body FROM task WHERE state = 'failed' AND body ->> '$.status.reason' = 'lost' ORDER BY place",
  );
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
