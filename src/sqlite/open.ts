import { Database } from "bun:sqlite";
import { closeSync, openSync } from "node:fs";
import { Db, type Synchronous } from "./database.ts";
import { explainFailure } from "./failure.ts";

/** How long a write waits for another process (a backup tool, say) before it fails. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the database at `path` in WAL mode and creates it when missing.
 * @throws DispatchError `unavailable`: the folder is read-only, the disk full, the file not a database
 */
export function openDatabase(path: string, { synchronous }: { synchronous: Synchronous }): Db {
  const db = new Db(connect(path), path);
  try {
    db.script(`
      PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
      PRAGMA journal_mode = WAL;
      PRAGMA foreign_keys = ON;
    `);
    db.synchronous = synchronous;
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

function connect(path: string): Database {
  try {
    closeSync(openSync(path, "a", 0o600)); // SQLite itself would make it readable for everyone
    return new Database(path, { create: true, readwrite: true, strict: true });
  } catch (error) {
    throw explainFailure(error, path);
  }
}
