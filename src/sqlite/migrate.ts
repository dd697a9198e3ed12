import { rmSync } from "node:fs";
import { DispatchError } from "../base/error.ts";
import type { Db } from "./database.ts";
import { transaction } from "./transaction.ts";

/** One step of a schema. It is never changed once it was released: a change is a further step. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Brings a database to the last migration, each in a transaction of its own. `user_version` counts those applied.
 * A database that holds something is copied to `<path>.v<version>.backup` before it is changed.
 * @throws DispatchError `unavailable` when a newer program wrote it; nothing is changed then
 */
export function migrate(db: Db, migrations: readonly Migration[]): void {
  const version = versionOf(db);
  if (version > migrations.length)
    throw new DispatchError(
      "unavailable",
      `${db.path} was written by a newer dispatch (version ${version}, this one knows ${migrations.length})`,
      { hint: "run the newer dispatch, or set DISPATCH_HOME to another folder" },
    );
  if (version > 0 && version < migrations.length) backUp(db, version);
  for (const [index, migration] of migrations.entries())
    if (index >= version) apply(db, migration, index + 1);
}

function apply(db: Db, migration: Migration, version: number): void {
  try {
    transaction(db, () => db.script(`${migration.sql}; PRAGMA user_version = ${version};`));
  } catch (error) {
    if (error instanceof DispatchError) throw error;
    throw new Error(`migration ${version} (${migration.name}) failed`, { cause: error });
  }
}

function backUp(db: Db, version: number): void {
  const path = `${db.path}.v${version}.backup`;
  rmSync(path, { force: true }); // left by a start that was interrupted: the store is still as it was
  db.run("VACUUM INTO $path", { path });
}

function versionOf(db: Db): number {
  return db.get<{ user_version: number }>("PRAGMA user_version")!.user_version;
}
