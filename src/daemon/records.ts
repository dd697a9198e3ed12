import { resolvePath } from "../agents/acp/paths.ts";
import { confirmed, consumed } from "../core/message.ts";
import { observe } from "../core/observe.ts";
import type { Run, Talk } from "../core/run.ts";
import { observeSession } from "../core/session.ts";
import { spend } from "../core/spend.ts";
import { isControl, mustLast } from "../core/transcript.ts";
import { withReport } from "../core/usage.ts";
import { withAbsence } from "../core/worked.ts";
import type { GatedCall } from "../protocol/approval.ts";
import type { CommandId, SessionId } from "../protocol/id.ts";
import { MAX_UNSYNCED_RECORDS } from "../protocol/limit.ts";
import type { Session, Usage } from "../protocol/session.ts";
import type { TranscriptEvent, TranscriptRecord } from "../protocol/transcript.ts";
import type { Db } from "../sqlite/database.ts";
import { getOrder, listPending, setPhase } from "../store/command.ts";
import { getCursor, saveCursor } from "../store/cursor.ts";
import { heardBefore } from "../store/event.ts";
import { getMessage, openMessages } from "../store/message.ts";
import { getSession } from "../store/session.ts";
import { getTask } from "../store/task.ts";
import { taskFolderPath } from "../workspaces/task-folder.ts";
import type { Tx } from "./commit.ts";
import type { Policy, Where } from "./policy.ts";
import { alsoIn } from "./rooms.ts";
import { runOfSession, saveRun } from "./run.ts";
import { flagExhausted, poolOf } from "./sweep-budget.ts";
import { facts, loadTalk, readTalk, saveTalk, writeMessage, writeSession } from "./talk.ts";

/** How long the host that finds an agent lost may say other things before that, in milliseconds. */
const CLEARING_MS = 10_000;

/** What a batch of records came to. `synced`: everything up to `seq` is on the disk and may be acknowledged. */
export interface Taken {
  seq: number;
  synced: boolean;
  /** The session after the rules have seen the control events; null when there were none. */
  session: Session | null;
}

/** True for records that must be on the disk before anyone acts on them, and where so many are not that it is time. */
export function needsSync(records: readonly TranscriptRecord[], unsynced: number): boolean {
  return (
    unsynced + records.length >= MAX_UNSYNCED_RECORDS ||
    records.some(({ event }) => mustLast(event) || isCounted(event))
  );
}

/**
 * Writes a batch of a session's log: the records, what the rules make of them, and the cursor. Records that the store
 * already has change nothing.
 */
export function takeRecords(
  taking: Taking,
  session: SessionId,
  records: readonly TranscriptRecord[],
): Omit<Taken, "synced"> {
  const after = applyRecords(taking, session, records);
  return { seq: getCursor(taking.tx.db, session).seq, session: after };
}

/** The transaction that takes the records, and what judges the calls in them. */
export interface Taking {
  readonly tx: Tx;
  readonly policy: Policy;
}

function applyRecords(
  { tx, policy }: Taking,
  session: SessionId,
  records: readonly TranscriptRecord[],
): Session | null {
  let { epoch, seq } = getCursor(tx.db, session);
  let after: Session | null = null;
  let awaited = true; // a sign that the agent took what it was told last
  const task = getSession(tx.db, session)?.task ?? null;
  for (const record of records) {
    if (record.seq <= seq) continue;
    if (record.seq !== seq + 1) throw new Error(`${session}: record ${record.seq} follows ${seq}`);
    ({ epoch, seq } = record);
    if (!tx.announce({ type: "transcript", session, task, record })) continue;
    if (record.event.type === "usage") after = takeUsage(tx, session, record.event.usage) ?? after;
    if (isControl(record.event)) {
      after = applyControl({ tx, policy }, session, record) ?? after;
      awaited = true;
    } else if (awaited && isOutput(record.event)) {
      takeSign(tx, session);
      awaited = false;
    }
    if (record.event.type === "tool") after = takeTool(tx, session, record.event) ?? after;
  }
  saveCursor(tx.db, session, { epoch, seq });
  return after;
}

function applyControl({ tx, policy }: Taking, id: SessionId, record: TranscriptRecord): Session | null {
  const { event } = record;
  const before = heardIn(tx.db, id);
  // What an agent's death left open is settled by `gone`, when the rules have seen it.
  if (event.type === "command" && event.phase !== "held")
    setPhase(tx.db, event.command, event.phase, event.error);
  if (event.type === "prompt_taken" && event.command !== undefined) takeLate(tx, event.command, record.at);
  if (!before) return null;
  const judge = (call: GatedCall) => policy.opinion(tx.db, call, whereIn(tx.db, before.session));
  const seen = { ...facts(), judge };
  const { session } =
    "task" in before
      ? saveRun(
          tx,
          before,
          observe(event.type === "gone" ? absent(tx.db, before, event) : before, record, seen),
        )
      : saveTalk(tx, before, observeSession(before, record, seen));
  if (event.type !== "gone") return session;
  for (const { id: command, phase } of listPending(tx.db, id))
    if (phase === "sent") setPhase(tx.db, command, "held");
  return session;
}

/** The run without the time in which its agent was lost and nobody knew. What its next host clears up comes first. */
function absent(db: Db, run: Run, { reason }: Extract<TranscriptEvent, { type: "gone" }>): Run {
  const now = Date.now();
  return reason === "lost" ? withAbsence(run, heardBefore(db, run.session.id, now - CLEARING_MS), now) : run;
}

/** True for records that cannot be taken before the policy is loaded. */
export function needsPolicy(records: readonly TranscriptRecord[]): boolean {
  return records.some(({ event }) => event.type === "approval");
}

function whereIn(db: Db, { id, folder: named, permissions, workspace, task }: Session): Where {
  const folder = resolvePath("/", named);
  const taskFolder = task && taskFolderPath(folder, getTask(db, task)!.slug);
  const also = alsoIn(db, task).map((each) => ({ ...each, folder: resolvePath("/", each.folder) }));
  return { session: id, folder, permissions, workspace, taskFolder, also };
}

/** What the rules see of a session; null when its task has moved on to another one. */
function heardIn(db: Db, id: SessionId): Run | Talk | null {
  return runOfSession(db, id) ?? loadTalk(db, id);
}

/** The agent has put something out in its turn: what it was told last is consumed. */
function takeSign(tx: Tx, session: SessionId): void {
  if (openMessages(tx.db, session).every(({ receipt }) => receipt.state !== "delivered")) return;
  const before = readTalk(tx.db, getSession(tx.db, session)!);
  saveTalk(tx, before, { run: consumed(before, Date.now()), orders: [] });
}

/** The agent says of a prompt that nobody knew about that it took it: its message is held no longer. */
function takeLate(tx: Tx, command: CommandId, at: number): void {
  const order = getOrder(tx.db, command);
  const message = order?.type === "message" ? getMessage(tx.db, order.message) : null;
  const taken = message && confirmed(message, { state: "consumed" });
  if (taken) writeMessage(tx, { ...taken, consumedAt: at });
}

/** The session, once the agent in its terminal begins to use a tool: nobody else sees there what it does. */
function takeTool(
  tx: Tx,
  id: SessionId,
  { status, title }: Extract<TranscriptEvent, { type: "tool" }>,
): Session | null {
  const session = getSession(tx.db, id);
  if (session?.kind !== "terminal" || session.status.state !== "busy" || status !== "in_progress")
    return null;
  const doing = { ...session, status: { ...session.status, doing: title ?? null }, updatedAt: Date.now() };
  writeSession(tx, doing);
  return doing;
}

function isOutput({ type }: TranscriptRecord["event"]): boolean {
  return type === "text" || type === "thought" || type === "tool";
}

/** True for a report that a budget may be used up by. */
function isCounted(event: TranscriptEvent): boolean {
  return event.type === "usage" && (event.usage.cost ?? event.usage.outputTokens) !== undefined;
}

/** The session after what its agent has used is counted for its task; null where there is nothing to count, or no task. */
function takeUsage(tx: Tx, id: SessionId, report: Usage): Session | null {
  const session = getSession(tx.db, id);
  if (!session) return null;
  const { usage, spent } = withReport(session.usage, report);
  writeSession(tx, { ...session, usage });
  const run = spent.dollars + spent.tokens > 0 ? runOfSession(tx.db, id) : null;
  if (!run) return null;
  const pool = poolOf(tx.db, run.task, spent);
  const counted = saveRun(tx, run, spend(run, spent, { facts: facts(), pool }));
  if (pool) flagExhausted(tx, counted, pool, spent);
  return counted.session;
}
