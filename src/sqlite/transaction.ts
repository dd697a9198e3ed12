import type { Db } from "./database.ts";

/**
 * Runs `write` in one synchronous transaction: all of it is kept, or nothing when it throws.
 * It takes the write lock at once, so that nothing read inside can be stale. It does not nest.
 */
export function transaction<T>(db: Db, write: () => T): T {
  if (db.inTransaction) throw new Error("a transaction inside a transaction");
  db.run("BEGIN IMMEDIATE");
  try {
    const result = write();
    if (result instanceof Promise) throw new Error("a transaction that awaits");
    db.run("COMMIT");
    return result;
  } catch (error) {
    if (db.inTransaction) db.run("ROLLBACK");
    throw error;
  }
}
