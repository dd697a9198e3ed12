import type { Approval } from "../protocol/approval.ts";
import type { TaskId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";
import { readDocuments, saveDocument } from "./document.ts";

export function saveApproval(db: Db, approval: Approval): void {
  saveDocument(db, "approval", approval);
}

/** Every approval of a task, in the order they were asked. */
export function listApprovals(db: Db, task: TaskId): Approval[] {
  return readDocuments(db, "SELECT body FROM approval WHERE task = $task ORDER BY place", { task });
}

/** What waits for a person, oldest first. */
export function listOpenApprovals(db: Db): Approval[] {
  return readDocuments(db, "SELECT body FROM approval WHERE open ORDER BY place");
}
