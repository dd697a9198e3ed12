import type { Event, PlacedEvent, Position } from "../protocol/event.ts";
import type { Db, Synchronous } from "../sqlite/database.ts";
import { migrate } from "../sqlite/migrate.ts";
import { openDatabase } from "../sqlite/open.ts";
import { transaction } from "../sqlite/transaction.ts";
import { appendEvent, eventRange } from "../store/event.ts";
import { storeId } from "../store/meta.ts";
import { MIGRATIONS } from "../store/migrations.ts";
import { bootId } from "../processes/table.ts";

/** An open transaction. It ends when the function that got it returns. */
export interface Tx {
  readonly db: Db;
  /**
   * Writes the event into the stream; it is told to subscribers once it is committed.
   * @returns false when the store already held this record of a session's log: then there is nothing to do again
   */
  announce(event: Event): boolean;
}

/** Gets the events of one transaction, in order. It must not wait; what it throws is reported, not passed on. */
export type Subscriber = (events: readonly PlacedEvent[]) => void;

/**
 * The single write path: state rows and event rows in one synchronous transaction, published after it.
 * Nobody else writes the store, and nobody publishes inside a transaction.
 */
export class Ledger {
  /** For reading, outside of transactions too. */
  readonly db: Db;
  /** The store's own id, see `storeId`. */
  readonly store: string;
  readonly #subscribers = new Set<Subscriber>();
  readonly #report: (error: unknown) => void;
  readonly #unpublished: PlacedEvent[][] = [];
  #newest: number;
  #writing = false;
  #publishing = false;

  constructor(db: Db, report: (error: unknown) => void) {
    this.db = db;
    this.#report = report;
    this.store = storeId(this.db, bootId());
    this.#newest = eventRange(this.db).newest;
  }

  /** Writes what is acknowledged to anybody: it is on the disk when this returns. When it throws, nothing was written. */
  commit<T>(write: (tx: Tx) => T): T {
    return this.#write("FULL", write);
  }

  /** Writes agent output, which its host keeps until it is acknowledged: the disk may get it a little later. */
  ingest<T>(write: (tx: Tx) => T): T {
    return this.#write("NORMAL", write);
  }

  /** The end of the stream as committed. */
  position(): Position {
    return { store: this.store, seq: this.#newest };
  }

  /** From now on, `subscriber` gets every transaction's events. @returns how to end that; idempotent */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  }

  /** Idempotent. */
  close(): void {
    this.#subscribers.clear();
    this.db.close();
  }

  /** One connection for both: what another one wrote would empty its page cache. */
  #write<T>(synchronous: Synchronous, write: (tx: Tx) => T): T {
    if (this.#writing) throw new Error("a commit inside a commit");
    const { db } = this;
    db.synchronous = synchronous;
    this.#writing = true;
    const events: PlacedEvent[] = [];
    let result: T;
    try {
      result = transaction(db, () => write({ db, announce: (event) => this.#append(event, events) }));
    } finally {
      this.#writing = false;
    }
    this.#newest = events.at(-1)?.position.seq ?? this.#newest;
    if (events.length > 0) this.#publish(events);
    return result;
  }

  #append(event: Event, events: PlacedEvent[]): boolean {
    const at = Date.now();
    const seq = appendEvent(this.db, event, at);
    if (seq === null) return false;
    events.push({ position: { store: this.store, seq }, at, event });
    return true;
  }

  /** A subscriber may commit in turn: those events follow when everyone has got these. */
  #publish(events: PlacedEvent[]): void {
    this.#unpublished.push(events);
    if (this.#publishing) return;
    this.#publishing = true;
    for (let next = this.#unpublished.shift(); next; next = this.#unpublished.shift())
      for (const subscriber of this.#subscribers) this.#tell(subscriber, next);
    this.#publishing = false;
  }

  #tell(subscriber: Subscriber, events: readonly PlacedEvent[]): void {
    try {
      subscriber(events);
    } catch (error) {
      this.#report(error);
    }
  }
}

/**
 * Opens the daemon's store, makes or migrates it where needed.
 * @param options.report gets what a subscriber threw
 * @throws DispatchError `unavailable`: read-only, full, damaged, or written by a newer program
 */
export function openLedger(options: { path: string; report: (error: unknown) => void }): Ledger {
  const db = openDatabase(options.path, { synchronous: "FULL" });
  try {
    migrate(db, MIGRATIONS);
    return new Ledger(db, options.report);
  } catch (error) {
    db.close();
    throw error;
  }
}
