import type { SessionId, TaskId, WorkspaceId } from "../protocol/id.ts";
import type { PassageKind } from "../protocol/search.ts";
import type { Db } from "../sqlite/database.ts";

/** The longest passage, in characters: what is said beyond it begins another one. */
const MAX_PASSAGE = 64 * 1024;
/** Words around a found one in its excerpt. */
const EXCERPT_WORDS = 24;
/** What SQLite puts around a found word; no passage holds these. */
export const FOUND = { start: "\u0001", end: "\u0002" } as const;

/** A text that can be found. `at` is in milliseconds, `seq` its event's number. */
export interface StoredPassage {
  kind: PassageKind;
  task: TaskId | null;
  session: SessionId | null;
  at: number;
  seq: number;
  text: string;
}

/** How far a session was read: its turns so far, and the passage that what it says next goes on. */
export interface PassageSession {
  turns: number;
  running: number | null;
}

/** @returns its number */
export function insertPassage(db: Db, passage: StoredPassage): number {
  return db.get<{ id: number }>(
    `INSERT INTO passage (kind, task, session, at, seq, text)
     VALUES ($kind, $task, $session, $at, $seq, $text) RETURNING id`,
    { ...passage, text: unmarked(passage.text) },
  )!.id;
}

/** Adds to a passage what was said next. False when it is full. */
export function extendPassage(db: Db, id: number, text: string): boolean {
  const sql = `UPDATE passage SET text = text || $text WHERE id = $id AND length(text) < ${MAX_PASSAGE}`;
  return db.run(sql, { id, text: unmarked(text) }) > 0;
}

export function hasPrompt(db: Db, task: TaskId): boolean {
  return db.get("SELECT 1 FROM passage WHERE task = $task AND kind = 'prompt'", { task }) !== null;
}

export function readPassageSession(db: Db, session: SessionId): PassageSession {
  const sql = "SELECT turns, running FROM passage_session WHERE session = $session";
  return db.get<PassageSession>(sql, { session }) ?? { turns: 0, running: null };
}

export function savePassageSession(db: Db, session: SessionId, { turns, running }: PassageSession): void {
  db.run(
    `INSERT INTO passage_session (session, turns, running) VALUES ($session, $turns, $running)
     ON CONFLICT (session) DO UPDATE SET turns = excluded.turns, running = excluded.running`,
    { session, turns, running },
  );
}

/** A passage that was found, with `FOUND` around its words, and what it belongs to. */
export interface FoundPassage extends Omit<StoredPassage, "text"> {
  workspace: WorkspaceId;
  /** The task's slug, or the session's name or id. */
  name: string;
  title: string | null;
  excerpt: string;
}

/** The best first, the newest among equals; nothing of a session that was removed. @param match a query of FTS5, see `core/search-query.ts` */
export function findPassages(
  db: Db,
  filter: {
    match: string;
    workspace: WorkspaceId | null;
    task: TaskId | null;
    session: SessionId | null;
    kind: PassageKind | null;
    limit: number;
    offset: number;
  },
): FoundPassage[] {
  return db.all<FoundPassage>(
    `SELECT passage.kind, passage.task, passage.session, passage.at, passage.seq,
       COALESCE(task.workspace, session.body ->> '$.workspace') AS workspace,
       COALESCE(task.slug, session.body ->> '$.name', session.id) AS name, task.body ->> '$.title' AS title,
       snippet(passage_text, 0, '${FOUND.start}', '${FOUND.end}', '…', ${EXCERPT_WORDS}) AS excerpt
     FROM passage_text
     JOIN passage ON passage.id = passage_text.rowid
     LEFT JOIN task ON task.id = passage.task
     LEFT JOIN session ON session.id = passage.session
     WHERE passage_text MATCH $match
       AND COALESCE(session.deleted, FALSE) = FALSE
       AND ($session IS NULL OR passage.session = $session)
       AND ($task IS NULL OR passage.task = $task)
       AND ($kind IS NULL OR passage.kind = $kind)
       AND ($workspace IS NULL OR COALESCE(task.workspace, session.body ->> '$.workspace') = $workspace)
     ORDER BY passage_text.rank, passage.id DESC LIMIT $limit OFFSET $offset`,
    filter,
  );
}

function unmarked(text: string): string {
  return text.replaceAll(FOUND.start, " ").replaceAll(FOUND.end, " ");
}
