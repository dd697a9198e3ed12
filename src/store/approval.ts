import type { Approval } from "../protocol/approval.ts";
import type { ApprovalId, SessionId, TaskId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocument, readDocuments, saveDocument } from "./document.ts";

export function saveApproval(db: Db, approval: Approval): void {
  saveDocument(db, "approval", approval);
}

/** Every approval of a task, in the order they were asked. */
export function listApprovals(db: Db, task: TaskId): Approval[] {
  return readDocuments(db, "SELECT body FROM approval WHERE task = $task ORDER BY place", { task });
}

export function getApproval(db: Db, id: ApprovalId): Approval | null {
  return readDocument(db, "SELECT body FROM approval WHERE id = $id", { id });
}

/** The approvals that `ref` can mean: an id, or the prefix of one. */
export function findApprovals(db: Db, ref: string): Approval[] {
  return findDocuments(db, "approval", ref);
}

/** Those of a session that still count: not applied yet, or granted for the session. However long it lives, they are few. */
export function countingApprovals(db: Db, session: SessionId): Approval[] {
  const sql =
    "SELECT body FROM approval INDEXED BY approval_counts WHERE session = $session AND counts ORDER BY place";
  return readDocuments(db, sql, { session });
}

/** A page of approvals, newest first; `next` is null on the last one. */
export function listApprovalPage(
  db: Db,
  page: {
    limit: number;
    before?: string | undefined;
    state: "open" | "all";
    session?: SessionId | undefined;
  },
): { approvals: Approval[]; next: string | null } {
  const found = readDocuments<Approval>(
    db,
    `SELECT body FROM approval
     WHERE ($before IS NULL OR place < (SELECT place FROM approval WHERE id = $before))
       AND ($state = 'all' OR open) AND ($session IS NULL OR session = $session)
     ORDER BY place DESC LIMIT $limit + 1`,
    { before: page.before ?? null, state: page.state, session: page.session ?? null, limit: page.limit },
  );
  const approvals = found.slice(0, page.limit);
  return { approvals, next: found.length > page.limit ? approvals.at(-1)!.id : null };
}

/** What waits for a person, oldest first. */
export function listOpenApprovals(db: Db): Approval[] {
  return readDocuments(db, "SELECT body FROM approval WHERE open ORDER BY place");
}
