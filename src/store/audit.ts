import { DispatchError } from "../base/error.ts";
import { type AuditCheck, AuditEntry, type AuditRow } from "../protocol/audit.ts";
import type { Db } from "../sqlite/database.ts";

interface Row {
  seq: number;
  body: string;
  previous: string;
  hash: string;
}

/** The end of the log is kept apart too, so that rows cannot be taken off it unseen. */
const HEAD = "audit";
/** Rows that are checked between two looks at the store. */
const BATCH = 1_000;

/**
 * Adds an entry to the end of the log, as it was noted: what somebody took off it or put behind it stays to be seen. It
 * is in the caller's transaction, with what it tells of.
 */
export function appendAudit(db: Db, entry: AuditEntry): void {
  const [noted = "0", previous = ""] = readHead(db).split(" ");
  const last = db.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM audit")?.seq ?? 0;
  const seq = Math.max(Number(noted), last) + 1;
  const body = JSON.stringify(entry);
  const hash = hashOf(previous, body);
  db.run("INSERT INTO audit (seq, body, previous, hash) VALUES ($seq, $body, $previous, $hash)", {
    seq,
    body,
    previous,
    hash,
  });
  db.run(
    "INSERT INTO meta (key, value) VALUES ($key, $value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    {
      key: HEAD,
      value: `${seq} ${hash}`,
    },
  );
}

/**
 * A page of the log, newest first; `before` is the `next` of the page before, and null ends it.
 * @throws DispatchError `conflict` for a row that is no entry any more
 */
export function listAudit(
  db: Db,
  { limit, before }: { limit: number; before?: number | undefined },
): { rows: AuditRow[]; next: number | null } {
  const found = db.all<Row>(
    "SELECT * FROM audit WHERE $before IS NULL OR seq < $before ORDER BY seq DESC LIMIT $limit + 1",
    { limit, before: before ?? null },
  );
  const rows = found.slice(0, limit).map(({ body, ...row }) => ({ ...row, entry: entryOf(row.seq, body) }));
  return { rows, next: found.length > limit ? rows.at(-1)!.seq : null };
}

function entryOf(seq: number, body: string): AuditEntry {
  try {
    return AuditEntry.parse(JSON.parse(body));
  } catch (error) {
    throw new DispatchError("conflict", `row ${seq} of the log was changed, and cannot be read`, {
      hint: "dispatch audit verify",
      cause: error,
    });
  }
}

/** Checks every row of the log against the one before, and its end against what was noted of it. */
export function verifyAudit(db: Db): AuditCheck {
  let previous = "";
  let rows = 0;
  for (let batch = rowsAfter(db, 0); batch.length > 0; batch = rowsAfter(db, rows))
    for (const row of batch) {
      const because = faultOf(row, { seq: rows + 1, previous });
      if (because !== null) return { rows, broken: { seq: rows + 1, because } };
      rows += 1;
      previous = row.hash;
    }
  if (readHead(db) === `${rows} ${previous}`) return { rows, broken: null };
  return {
    rows,
    broken: { seq: rows + 1, because: "rows at the end are missing, or were not written by dispatch" },
  };
}

/** The number and the hash of the last entry. */
function readHead(db: Db): string {
  return db.get<{ value: string }>("SELECT value FROM meta WHERE key = $key", { key: HEAD })?.value ?? "0 ";
}

function rowsAfter(db: Db, seq: number): Row[] {
  return db.all<Row>(`SELECT * FROM audit WHERE seq > $seq ORDER BY seq LIMIT ${BATCH}`, { seq });
}

function faultOf(row: Row, expected: { seq: number; previous: string }): string | null {
  if (row.seq !== expected.seq) return "it is missing";
  if (row.previous !== expected.previous) return "it does not follow the row before it";
  return row.hash === hashOf(row.previous, row.body) ? null : "it was changed after it was written";
}

function hashOf(previous: string, body: string): string {
  return new Bun.CryptoHasher("sha256").update(`${previous}\n${body}`).digest("hex");
}
