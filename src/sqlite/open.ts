import { Database } from "bun:sqlite";
import { closeSync, openSync } from "node:fs";
import { Db } from "./database.ts";
import { explainFailure } from "./failure.ts";

/** How long a write waits for another process (a backup tool, say) before it fails. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the database at `path` in WAL mode and creates it when missing.
 * @param options.synchronous `FULL`: a commit is on the disk when it returns. `NORMAL`: the last commits may be lost
 * when the machine stops, never when only the process does (https://sqlite.org/pragma.html#pragma_synchronous).
 * @throws DispatchError `unavailable`: the folder is read-only, the disk full, the file not a database
 */
export function openDatabase(path: string, options: { synchronous: "FULL" | "NORMAL" }): Db {
  const db = new Db(connect(path), path);
  try {
    db.script(`
      PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${options.synchronous};
      PRAGMA foreign_keys = ON;
    `);
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
