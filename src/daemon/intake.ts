import type { SessionId } from "../protocol/id.ts";
import type { TranscriptRecord } from "../protocol/transcript.ts";
import type { Ledger, Tx } from "./commit.ts";
import type { Policy } from "./policy.ts";
import { needsPolicy, needsSync, type Taken, takeRecords } from "./records.ts";

/** Who is told of what became of a session's records. */
export interface Source {
  /** Everything up to `seq` is committed, and synced where that is said: then it may be acknowledged. */
  taken(taken: Taken): void;
  /** Nothing of what was offered was written: a defect, or a disk that is full. */
  refused(error: unknown): void;
}

interface Waiting {
  readonly source: Source;
  readonly records: TranscriptRecord[];
}

/** What is taken together, a session's records each. */
interface Batch extends Waiting {
  readonly session: SessionId;
  readonly unsynced: number;
}

/**
 * Takes the records of all hosts. What came from any of them since the last time is one transaction, or two: one that
 * is synced, for what somebody acts on, and one that is not. So two hundred hosts cost little more than one.
 */
export class Intake {
  readonly #ledger: Ledger;
  readonly #policy: Policy;
  readonly #waiting = new Map<SessionId, Waiting>();
  readonly #unsynced = new Map<SessionId, number>();
  #soon: ReturnType<typeof setImmediate> | null = null;

  constructor({ ledger, policy }: { ledger: Ledger; policy: Policy }) {
    this.#ledger = ledger;
    this.#policy = policy;
  }

  /** Takes a record of a session's log soon; each in its order. */
  offer(session: SessionId, record: TranscriptRecord, source: Source): void {
    const waiting = this.#waiting.get(session);
    if (waiting) waiting.records.push(record);
    else this.#waiting.set(session, { source, records: [record] });
    this.#soon ??= setImmediate(() => this.take());
  }

  /** Forgets what a session's host has sent and will send again. */
  withdraw(session: SessionId): void {
    this.#waiting.delete(session);
    this.#unsynced.delete(session);
  }

  /** Takes all that was offered so far, at once. */
  take(): void {
    if (this.#soon) clearImmediate(this.#soon);
    this.#soon = null;
    const batches = [...this.#waiting].map(([session, waiting]): Batch => {
      return { session, ...waiting, unsynced: this.#unsynced.get(session) ?? 0 };
    });
    if (!this.#policy.isReady && batches.some(({ records }) => needsPolicy(records)))
      return this.#takeLater();
    this.#waiting.clear();
    const synced = batches.filter((batch) => needsSync(batch.records, batch.unsynced));
    this.#takeAll(synced, true);
    this.#takeAll(
      batches.filter((batch) => !synced.includes(batch)),
      false,
    );
  }

  #takeLater(): void {
    this.#policy.load().then(
      () => this.take(),
      (error: unknown) => {
        for (const { source } of this.#waiting.values()) source.refused(error);
        this.#waiting.clear();
      },
    );
  }

  /** What one session's records break is no other's affair: then each is taken by itself. */
  #takeAll(batches: readonly Batch[], synced: boolean): void {
    if (batches.length === 0) return;
    let taken: Taken[];
    try {
      taken = this.#write(batches, synced);
    } catch (error) {
      if (batches.length === 1) batches[0]!.source.refused(error);
      else for (const batch of batches) this.#takeAll([batch], synced);
      return;
    }
    for (const [at, batch] of batches.entries()) this.#tell(batch, taken[at]!);
  }

  #write(batches: readonly Batch[], synced: boolean): Taken[] {
    const write = (tx: Tx) =>
      batches.map(({ session, records }) => {
        return { ...takeRecords({ tx, policy: this.#policy }, session, records), synced };
      });
    return synced ? this.#ledger.commit(write) : this.#ledger.ingest(write);
  }

  #tell({ session, records, unsynced, source }: Batch, taken: Taken): void {
    if (taken.synced) this.#unsynced.delete(session);
    else this.#unsynced.set(session, unsynced + records.length);
    source.taken(taken);
  }
}
