import { isControl } from "../core/transcript.ts";
import { observe } from "../core/observe.ts";
import type { Run } from "../core/run.ts";
import { spend } from "../core/spend.ts";
import { withReport } from "../core/usage.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Usage } from "../protocol/session.ts";
import type { TranscriptEvent, TranscriptRecord } from "../protocol/transcript.ts";
import { listPending, setPhase } from "../store/command.ts";
import { getCursor, saveCursor } from "../store/cursor.ts";
import { getSession } from "../store/session.ts";
import type { Ledger, Tx } from "./commit.ts";
import { facts, pendingOrders, runOfSession, saveRun, writeSession } from "./run.ts";

/** Agent output may wait for a synced commit this long, counted in records: then it is synced and acknowledged too. */
const MAX_UNSYNCED_RECORDS = 500;

/** What a batch of records came to. `synced`: everything up to `seq` is on the disk and may be acknowledged. */
export interface Taken {
  seq: number;
  synced: boolean;
  /** The run after the rules have seen the control events; null when there were none, or no task. */
  run: Run | null;
}

/**
 * Commits a batch of a session's log: the records, what the rules make of them, and the cursor, in one transaction.
 * Records that the store already has change nothing.
 * @param unsynced how many records the store took since the last synced commit
 */
export function takeRecords(
  ledger: Ledger,
  session: SessionId,
  records: readonly TranscriptRecord[],
  unsynced: number,
): Taken {
  const acts = records.some(({ event }) => isControl(event) || isCounted(event));
  const synced = acts || unsynced + records.length >= MAX_UNSYNCED_RECORDS;
  const take = (tx: Tx): Taken => {
    const run = applyRecords(tx, session, records);
    return { seq: getCursor(tx.db, session).seq, synced, run };
  };
  return synced ? ledger.commit(take) : ledger.ingest(take);
}

function applyRecords(tx: Tx, session: SessionId, records: readonly TranscriptRecord[]): Run | null {
  let { epoch, seq } = getCursor(tx.db, session);
  let run: Run | null = null;
  const task = getSession(tx.db, session)?.task ?? null;
  for (const record of records) {
    if (record.seq <= seq) continue;
    if (record.seq !== seq + 1) throw new Error(`${session}: record ${record.seq} follows ${seq}`);
    ({ epoch, seq } = record);
    if (!tx.announce({ type: "transcript", session, task, record })) continue;
    if (record.event.type === "usage") run = takeUsage(tx, session, record.event.usage) ?? run;
    if (isControl(record.event)) run = applyControl(tx, session, record);
  }
  saveCursor(tx.db, session, { epoch, seq });
  return run;
}

function applyControl(tx: Tx, session: SessionId, record: TranscriptRecord): Run | null {
  const { event } = record;
  // What an agent's death left open is settled by `gone`, when the rules have seen it.
  if (event.type === "command" && event.phase !== "held")
    setPhase(tx.db, event.command, event.phase, event.error);
  const before = runOfSession(tx.db, session);
  if (!before) return null;
  const after = saveRun(tx, before, observe(before, record, facts()));
  if (event.type !== "gone") return after;
  for (const { command, phase } of listPending(tx.db, session))
    if (phase === "sent") setPhase(tx.db, command.id, "held");
  return { ...after, orders: pendingOrders(tx.db, session) };
}

/** True for a report that a budget may be used up by. */
function isCounted(event: TranscriptEvent): boolean {
  return event.type === "usage" && (event.usage.cost ?? event.usage.outputTokens) !== undefined;
}

/** The run after what the agent has used is counted; null where there is nothing to count, or no task. */
function takeUsage(tx: Tx, id: SessionId, report: Usage): Run | null {
  const session = getSession(tx.db, id);
  if (!session) return null;
  const { usage, spent } = withReport(session.usage, report);
  writeSession(tx, { ...session, usage });
  const run = spent.dollars + spent.tokens > 0 ? runOfSession(tx.db, id) : null;
  return run && saveRun(tx, run, spend(run, spent, facts()));
}
