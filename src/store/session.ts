import type { SessionId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import type { Db } from "../sqlite/database.ts";
import { readDocument, readDocuments, saveDocument } from "./document.ts";

export function saveSession(db: Db, session: Session): void {
  saveDocument(db, "session", session);
}

export function getSession(db: Db, id: SessionId): Session | null {
  return readDocument(db, "SELECT body FROM session WHERE id = $id", { id });
}

/** A page of sessions, newest first; `before` is the `next` of the page before, and null ends it. */
export function listSessions(
  db: Db,
  page: { limit: number; before?: string | undefined },
): { sessions: Session[]; next: string | null } {
  const found = readDocuments<Session>(
    db,
    `SELECT body FROM session
     WHERE $before IS NULL OR place < (SELECT place FROM session WHERE id = $before)
     ORDER BY place DESC LIMIT $limit + 1`,
    { before: page.before ?? null, limit: page.limit },
  );
  const sessions = found.slice(0, page.limit);
  return { sessions, next: found.length > page.limit ? sessions.at(-1)!.id : null };
}

/** Sessions that a host may stand behind: an agent runs or starts, or the task's attempt is not told as ended. */
export function activeSessions(db: Db): Session[] {
  return readDocuments(
    db,
    `SELECT session.body FROM session LEFT JOIN task ON task.id = session.task
     WHERE session.state IN ('starting', 'ready', 'busy', 'stopping')
        OR (task.state IN ('working', 'input-required') AND session.id = task.body ->> '$.session')
     ORDER BY session.place`,
  );
}
