import type { Approval } from "../protocol/approval.ts";
import type { TaskId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocuments, saveDocument } from "./document.ts";

export function saveApproval(db: Db, approval: Approval): void {
  saveDocument(db, "approval", approval);
}

/** The approvals that `ref` can mean: an id, or the prefix of one. */
export function findApprovals(db: Db, ref: string): Approval[] {
  return findDocuments(db, "approval", ref);
}

/** Every approval of a task, in the order they were asked. */
export function listApprovals(db: Db, task: TaskId): Approval[] {
  return readDocuments(db, "SELECT body FROM approval WHERE task = $task ORDER BY place", { task });
}

/** What waits for a person, oldest first. */
export function listOpenApprovals(db: Db): Approval[] {
  return readDocuments(db, "SELECT body FROM approval WHERE open ORDER BY place");
}
