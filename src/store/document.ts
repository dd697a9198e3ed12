import type { Db, Parameters } from "../sqlite/database.ts";

/** The tables whose rows are one JSON document with an id. */
type DocumentTable =
  | "schedule"
  | "webhook"
  | "delivery"
  | "workspace"
  | "task"
  | "session"
  | "question"
  | "approval"
  | "flag"
  | "merge"
  | "rule"
  | "sweep";

/** The shortest prefix that stands for an id, with its type: `tsk_01`. */
const MIN_ID_PREFIX = 6;
/** How many candidates of an ambiguous name are told. */
export const MAX_CANDIDATES = 10;

interface Row {
  body: string;
}

/** The first document found. Our own rows are trusted: what was written was checked before. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an assertion that each statement makes
export function readDocument<T>(db: Db, sql: string, parameters: Parameters): T | null {
  const row = db.get<Row>(sql, parameters);
  return row && (JSON.parse(row.body) as T);
}

/** Every document found. */
export function readDocuments<T>(db: Db, sql: string, parameters: Parameters = {}): T[] {
  return db.all<Row>(sql, parameters).map((row) => JSON.parse(row.body) as T);
}

/** Inserts the document, or replaces the one with its id. */
export function saveDocument(db: Db, table: DocumentTable, document: { id: string }): void {
  db.run(
    `INSERT INTO ${table} (id, body) VALUES ($id, $body) ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
    { id: document.id, body: JSON.stringify(document) },
  );
}

/** Documents whose id is `ref`, or starts with it where it is long enough; at most MAX_CANDIDATES, oldest first. */
export function findDocuments<T>(db: Db, table: DocumentTable, ref: string): T[] {
  if (ref.length < MIN_ID_PREFIX) return [];
  return readDocuments<T>(
    db,
    `SELECT body FROM ${table} WHERE id >= $ref AND id < $ref || '~' ORDER BY id LIMIT ${MAX_CANDIDATES}`,
    { ref },
  );
}
