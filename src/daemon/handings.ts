import { confirmed } from "../core/message.ts";
import { hand, handed, unsure } from "../core/outside.ts";
import { outsidePrompt } from "../core/prompt.ts";
import { isWaiting } from "../core/run.ts";
import type { CommandId, MessageId, SessionId } from "../protocol/id.ts";
import type { Handing } from "../protocol/outside.ts";
import { listPending, type OutboxPhase, setPhase } from "../store/command.ts";
import { getMessage, messageText, openMessages } from "../store/message.ts";
import type { Db } from "../sqlite/database.ts";
import type { Ledger, Tx } from "./commit.ts";
import { advanceTalk, loadTalk, writeMessage } from "./talk.ts";

/** How long a message is a hook's, in milliseconds: to write it down takes a few. After that a person says what is so. */
const CLAIM_MS = 10_000;

/** A message on its way, with the order that says so in the store. */
interface Underway extends Handing {
  readonly command: CommandId;
}

/**
 * Messages on their way to agents outside, one a session: handed out, and then told or not. Of one that nobody heard of
 * again it is not known, so that a person says if it is told once more.
 */
export class Handings {
  readonly #ledger: Ledger;
  readonly #claims = new Map<CommandId, ReturnType<typeof setTimeout>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** How many messages can be handed out in a session now, one after the other. */
  waiting(id: SessionId): number {
    const { db } = this.#ledger;
    return listPending(db, id).length > 0 ? 0 : openMessages(db, id).filter(isWaiting).length;
  }

  /** Puts the next message of a session on its way, in the caller's transaction; null where there is none to tell now. */
  hand(tx: Tx, id: SessionId): Underway | null {
    if (loadTalk(tx.db, id)!.orders.length > 0) return null;
    const [pending] = advanceTalk(tx, id, hand).orders;
    if (pending?.order.type !== "message") return null;
    const { message, uncertain } = pending.order;
    const { from } = getMessage(tx.db, message)!;
    const text = outsidePrompt({ text: messageText(tx.db, message), from, uncertain });
    return { command: pending.id, message, text };
  }

  /** The same for somebody who is to acknowledge it soon. */
  claim(tx: Tx, id: SessionId): Handing | null {
    const handing = this.hand(tx, id);
    if (!handing) return null;
    const { command, message, text } = handing;
    const timer = setTimeout(() => this.giveUp(id, command), CLAIM_MS);
    this.#claims.set(command, timer);
    return { message, text };
  }

  /** A message was told, or could not be, in the caller's transaction. */
  settle(tx: Tx, id: MessageId, { told }: { told: boolean }): void {
    const message = getMessage(tx.db, id);
    if (!message) return;
    const command = commandOf(tx.db, message.session, id);
    if (command !== null) {
      this.#close(tx, command, told ? "done" : "dropped");
      if (told) advanceTalk(tx, message.session, (talk, { now }) => handed(talk, id, now));
      return;
    }
    const late = told && confirmed(message, { state: "delivered" });
    if (late) writeMessage(tx, late);
  }

  /** Nobody will say what became of this one, or of all that is on its way in a session. */
  giveUp(id: SessionId, command?: CommandId): void {
    this.#ledger.commit((tx) => {
      for (const pending of listPending(tx.db, id)) {
        const { order } = pending;
        if (order.type !== "message" || (command !== undefined && pending.id !== command)) continue;
        this.#close(tx, pending.id, "held");
        advanceTalk(tx, id, (talk, { now }) => unsure(talk, order.message, now));
      }
    });
  }

  /** Idempotent. */
  close(): void {
    for (const timer of this.#claims.values()) clearTimeout(timer);
    this.#claims.clear();
  }

  #close(tx: Tx, command: CommandId, phase: OutboxPhase): void {
    setPhase(tx.db, command, phase);
    clearTimeout(this.#claims.get(command));
    this.#claims.delete(command);
  }
}

function commandOf(db: Db, session: SessionId, message: MessageId): CommandId | null {
  const found = listPending(db, session).find(
    ({ order }) => order.type === "message" && order.message === message,
  );
  return found?.id ?? null;
}
