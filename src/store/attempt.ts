import type { TaskId } from "../protocol/id.ts";
import type { Attempt } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { readDocument, readDocuments } from "./document.ts";

export function saveAttempt(db: Db, task: TaskId, attempt: Attempt): void {
  db.run(
    `INSERT INTO attempt (task, number, body) VALUES ($task, $number, $body)
     ON CONFLICT (task, number) DO UPDATE SET body = excluded.body`,
    { task, number: attempt.number, body: JSON.stringify(attempt) },
  );
}

export function getAttempt(db: Db, task: TaskId, number: number): Attempt | null {
  return readDocument(db, "SELECT body FROM attempt WHERE task = $task AND number = $number", {
    task,
    number,
  });
}

/** First to last. */
export function listAttempts(db: Db, task: TaskId): Attempt[] {
  return readDocuments(db, "SELECT body FROM attempt WHERE task = $task ORDER BY number", { task });
}
