import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Task } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { readDocuments } from "./document.ts";

/** The tasks whose place below what is asked for is told by `first`, a condition on `task.from_session`. */
function below(first: string): string {
  return `WITH RECURSIVE later (id) AS (
      SELECT id FROM task WHERE ${first}
      UNION SELECT task.id FROM later JOIN session ON session.task = later.id
        JOIN task ON task.from_session = session.id)
    SELECT body FROM task WHERE id IN later ORDER BY place`;
}

/** The tasks that were handed over from a session, or from one of those, near or far. */
export function tasksBelowSession(db: Db, session: SessionId): Task[] {
  return readDocuments(db, below("from_session = $session"), { session });
}

/** The same of a task, from whichever of its sessions. */
export function tasksBelowTask(db: Db, task: TaskId): Task[] {
  return readDocuments(db, below("from_session IN (SELECT id FROM session WHERE task = $task)"), { task });
}
