import { newId } from "../base/id.ts";
import type { Advance, Facts, PendingOrder, Talk } from "../core/run.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Message } from "../protocol/message.ts";
import type { Session } from "../protocol/session.ts";
import type { Db } from "../sqlite/database.ts";
import { countingApprovals, saveApproval } from "../store/approval.ts";
import { insertCommand, listPending } from "../store/command.ts";
import { openMessages, saveMessage, wasTold } from "../store/message.ts";
import { getSession, saveSession } from "../store/session.ts";
import { auditDecision } from "./audit.ts";
import type { Tx } from "./commit.ts";

/** Now, and ids for what a rule may open. */
export function facts(): Facts {
  return { now: Date.now(), question: newId("qst"), flag: newId("flg") };
}

/** A session without a task; null for any other. */
export function loadTalk(db: Db, id: SessionId): Talk | null {
  const session = getSession(db, id);
  return session && session.task === null ? readTalk(db, session) : null;
}

/** What is open in a session. */
export function readTalk(db: Db, session: Session): Talk {
  return {
    session,
    approvals: countingApprovals(db, session.id),
    messages: openMessages(db, session.id),
    wasTold: session.task !== null || wasTold(db, session.id),
    orders: pendingOrders(db, session.id),
  };
}

/** Writes what a rule changed of a session, announces it, and puts the orders in its outbox. */
export function saveTalk<R extends Talk>(tx: Tx, before: Talk | null, { run, orders }: Advance<R>): R {
  if (run.session !== before?.session) writeSession(tx, { ...run.session, updatedAt: Date.now() });
  for (const approval of changed(before?.approvals, run.approvals)) {
    auditDecision(
      tx.db,
      before?.approvals.find(({ id }) => id === approval.id),
      approval,
    );
    saveApproval(tx.db, approval);
    tx.announce({ type: "approval", approval });
  }
  for (const message of changed(before?.messages, run.messages)) writeMessage(tx, message);
  const pending = orders.map((order): PendingOrder => ({ id: newId("cmd"), order, sent: false }));
  for (const { id, order } of pending) insertCommand(tx.db, run.session.id, { id, order });
  return { ...run, orders: [...run.orders, ...pending] };
}

/** Applies a rule to a session without a task, in the caller's transaction. */
export function advanceTalk(tx: Tx, id: SessionId, rule: (talk: Talk, facts: Facts) => Advance<Talk>): Talk {
  const before = loadTalk(tx.db, id);
  if (!before) throw new Error(`${id} belongs to a task`);
  return saveTalk(tx, before, rule(before, facts()));
}

export function writeSession(tx: Tx, session: Session): void {
  saveSession(tx.db, session);
  tx.announce({ type: "session", session });
}

/** Writes what became of a message. */
export function writeMessage(tx: Tx, message: Message): void {
  saveMessage(tx.db, message);
  tx.announce({ type: "message", message });
}

/** Orders that a host has not finished, as the rules see them. */
export function pendingOrders(db: Db, session: SessionId): PendingOrder[] {
  return listPending(db, session).map(({ id, order, phase }) => ({ id, order, sent: phase === "sent" }));
}

/** Those that are not the same as before. */
export function changed<T>(before: readonly T[] = [], after: readonly T[]): T[] {
  const old = new Set(before);
  return after.filter((each) => !old.has(each));
}
