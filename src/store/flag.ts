import type { Flag } from "../protocol/flag.ts";
import type { TaskId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocuments, saveDocument } from "./document.ts";

export function saveFlag(db: Db, flag: Flag): void {
  saveDocument(db, "flag", flag);
}

/** The flags that `ref` can mean: an id, or the prefix of one. */
export function findFlags(db: Db, ref: string): Flag[] {
  return findDocuments(db, "flag", ref);
}

/** Every flag of a task, in the order they were raised. */
export function listFlags(db: Db, task: TaskId): Flag[] {
  return readDocuments(db, "SELECT body FROM flag WHERE task = $task ORDER BY place", { task });
}

/** True where two tasks were flagged together, in either order. */
export function isFlaggedWith(db: Db, task: TaskId, other: TaskId): boolean {
  const sql = `SELECT 1 FROM flag WHERE (task = $task AND body ->> '$.other' = $other)
     OR (task = $other AND body ->> '$.other' = $task)`;
  return db.get(sql, { task, other }) !== null;
}

/** Those that nobody has seen, oldest first. */
export function listOpenFlags(db: Db): Flag[] {
  return readDocuments(db, "SELECT body FROM flag WHERE open ORDER BY place");
}
