import type { Database, Statement } from "bun:sqlite";
import { explainFailure } from "./failure.ts";

type Value = string | number | null | Uint8Array;
/** Named parameters, without the `$` that they carry in the statement. */
export type Parameters = Readonly<Record<string, Value>>;
/**
 * `FULL`: a commit is on the disk when it returns. `NORMAL`: the last commits may be lost when the machine stops, never
 * when only the process does (https://sqlite.org/pragma.html#pragma_synchronous).
 */
export type Synchronous = "FULL" | "NORMAL";

/**
 * A connection. Statements are prepared once each and kept, so the text of a statement must come from the code and
 * never from data. Every failure that a person can do something about is a DispatchError `unavailable` with a hint.
 */
export class Db {
  readonly path: string;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();
  #synchronous: Synchronous | null = null;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.path = path;
  }

  /** True between BEGIN and COMMIT or ROLLBACK; SQLite itself rolls back at some failures, a full disk among them. */
  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** What the next transactions are to survive. It cannot change inside of one. */
  set synchronous(level: Synchronous) {
    if (level === this.#synchronous) return;
    this.script(`PRAGMA synchronous = ${level}`);
    this.#synchronous = level;
  }

  /** The first row, taken at its statement's word: `Row` is what that yields. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an assertion that each statement makes
  get<Row>(sql: string, parameters: Parameters = {}): Row | null {
    return this.#guard(() => this.#prepare(sql).get(parameters) as Row | null);
  }

  /** Every row, taken at its statement's word. */
  all<Row>(sql: string, parameters: Parameters = {}): Row[] {
    return this.#guard(() => this.#prepare(sql).all(parameters) as Row[]);
  }

  /** @returns how many rows changed */
  run(sql: string, parameters: Parameters = {}): number {
    return this.#guard(() => this.#prepare(sql).run(parameters).changes);
  }

  /** Runs several statements that are used once: pragmas and migrations. */
  script(sql: string): void {
    this.#guard(() => this.#database.run(sql));
  }

  /** Idempotent. */
  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(use: () => T): T {
    try {
      return use();
    } catch (error) {
      throw explainFailure(error, this.path);
    }
  }
}
