import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { openDatabase } from "./open.ts";
import { migrate } from "./migrate.ts";
import { transaction } from "./transaction.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sqlite-"));
  path = join(folder, "a.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

function failure(use: () => unknown): DispatchError {
  try {
    use();
  } catch (error) {
    if (error instanceof DispatchError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

const NOTES = { name: "notes", sql: "CREATE TABLE note (text TEXT NOT NULL) STRICT" };
const DATES = { name: "dates", sql: "ALTER TABLE note ADD COLUMN at INTEGER" };

describe("openDatabase", () => {
  test("makes a file for its owner alone, with the pragmas that we rely on", () => {
    const db = openDatabase(path, { synchronous: "FULL" });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(db.get<object>("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
    expect(db.get<object>("PRAGMA foreign_keys")).toEqual({ foreign_keys: 1 });
    expect(db.get<object>("PRAGMA synchronous")).toEqual({ synchronous: 2 });
    expect(db.get<object>("PRAGMA busy_timeout")).toEqual({ timeout: 5_000 });
    expect(() => db.get("SELECT $missing", {})).toThrow("missing");
    db.close();
    db.close();
  });

  test("says what to do about a file that is no database, and a folder that is not there", () => {
    writeFileSync(path, "this is no database, and long enough to have a header of one".repeat(20));
    const damaged = failure(() => openDatabase(path, { synchronous: "FULL" }));
    expect(damaged.code).toBe("unavailable");
    expect(damaged.hint).toBe(`mv ${path} ${path}.damaged`);
    const missing = failure(() => openDatabase(join(folder, "no", "a.db"), { synchronous: "FULL" }));
    expect(missing.code).toBe("unavailable");
    expect(missing.hint).toContain("DISPATCH_HOME");
  });
});

describe("transaction", () => {
  test("keeps all or nothing, and neither nests nor awaits", () => {
    const db = openDatabase(path, { synchronous: "NORMAL" });
    migrate(db, [NOTES]);
    const add = (text: string) => db.run("INSERT INTO note VALUES ($text)", { text });
    expect(transaction(db, () => add("one"))).toBe(1);
    expect(() =>
      transaction(db, () => {
        add("two");
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(() => transaction(db, () => transaction(db, () => add("three")))).toThrow("inside a transaction");
    expect(() => transaction(db, async () => add("four"))).toThrow("awaits");
    expect(db.all<object>("SELECT text FROM note")).toEqual([{ text: "one" }]);
    db.close();
  });
});

describe("migrate", () => {
  test("applies what is missing, once, and keeps a copy of what was there", () => {
    const db = openDatabase(path, { synchronous: "NORMAL" });
    migrate(db, [NOTES]);
    db.run("INSERT INTO note VALUES ($text)", { text: "old" });
    migrate(db, [NOTES, DATES]);
    migrate(db, [NOTES, DATES]);
    expect(db.all<object>("SELECT * FROM note")).toEqual([{ text: "old", at: null }]);
    const backup = openDatabase(`${path}.v1.backup`, { synchronous: "NORMAL" });
    expect(backup.all<object>("SELECT * FROM note")).toEqual([{ text: "old" }]);
    backup.close();
    db.close();
  });

  test("a step that fails leaves the database at the one before", () => {
    const db = openDatabase(path, { synchronous: "NORMAL" });
    const broken = { name: "broken", sql: "CREATE TABLE more (x) STRICT" };
    expect(() => migrate(db, [NOTES, broken])).toThrow("broken");
    expect(db.get<object>("PRAGMA user_version")).toEqual({ user_version: 1 });
    migrate(db, [NOTES, DATES]);
    db.close();
  });

  test("leaves a database of a newer program alone", () => {
    const db = openDatabase(path, { synchronous: "NORMAL" });
    migrate(db, [NOTES, DATES]);
    const refused = failure(() => migrate(db, [NOTES]));
    expect(refused.code).toBe("unavailable");
    expect(refused.hint).toContain("newer dispatch");
    db.close();
  });
});
