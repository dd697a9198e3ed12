import { DispatchError } from "../base/error.ts";
import { noticesText } from "../core/notice-text.ts";
import { hasAgent } from "../core/run.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import { forgetNotice, forgetNotices, sessionsToTell } from "../store/caller-notice.ts";
import { openMessages } from "../store/message.ts";
import { getSession } from "../store/session.ts";
import { acceptMessage, readyToTell } from "./message.ts";
import type { Parts } from "./parts.ts";

/** When it is tried again to tell a session that is told as much as it may be, in milliseconds. */
const AGAIN_MS = 60_000;

type Ports = Pick<Parts, "ledger" | "config" | "environments" | "supervisor" | "inbox" | "log">;

/**
 * Tells sessions of ours what happened to the tasks that they handed over: all at once, as the next message, when their
 * agent has nothing else to do. Agents outside are told by their hooks, and a session that somebody stopped is not
 * brought back for this.
 */
export class TaskNews {
  readonly #ports: Ports;
  #unsubscribe: (() => void) | null = null;
  #soon: ReturnType<typeof setImmediate> | null = null;
  #again: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  start(): void {
    this.#unsubscribe = this.#ports.ledger.subscribe((events) => {
      if (events.some(({ event }) => event.type === "session" || event.type === "message")) this.consider();
    });
    this.consider();
  }

  /** Something happened to a task, or a session may have become free. */
  consider(): void {
    if (this.#closed) return;
    this.#soon ??= setImmediate(() => {
      this.#soon = null;
      for (const id of sessionsToTell(this.#ports.ledger.db)) this.#tell(id);
    });
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
    if (this.#soon) clearImmediate(this.#soon);
    if (this.#again) clearTimeout(this.#again);
  }

  #tell(id: SessionId): void {
    try {
      this.#tellNow(id);
    } catch (error) {
      this.#ports.log.warn("news-not-told", { session: id, error }); // it is still kept
      if (error instanceof DispatchError && error.code === "limited") this.#tryAgain();
    }
  }

  #tellNow(id: SessionId): void {
    const { ledger, inbox, supervisor } = this.#ports;
    const session = getSession(ledger.db, id);
    if (session === null || session.deletedAt !== null) return forgetAll(ledger, id);
    if (!isFree(session) || openMessages(ledger.db, id).length > 0) return;
    readyToTell(this.#ports, session, undefined);
    ledger.commit((tx) => {
      const notices = inbox.claim(tx, { caller: id });
      if (notices.length === 0) return;
      const text = noticesText(notices, { canAsk: false });
      acceptMessage(tx, session, { text, mode: "queue" }, { from: { kind: "tasks" }, chain: [] });
      for (const notice of notices) forgetNotice(tx.db, notice.id);
    });
    supervisor.attend(id);
  }

  #tryAgain(): void {
    this.#again ??= setTimeout(() => {
      this.#again = null;
      this.consider();
    }, AGAIN_MS);
  }
}

function forgetAll(ledger: Ports["ledger"], id: SessionId): void {
  ledger.commit(({ db }) => forgetNotices(db, id));
}

/** True where a message is its agent's next turn; one that was let go when idle is brought back for it. */
function isFree(session: Session): boolean {
  const { status, task, outside } = session;
  if (task !== null || outside !== null) return false;
  return hasAgent(session) ? status.state === "ready" : status.state === "stopped" && status.why === "idle";
}
