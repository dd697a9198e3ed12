import { type Found, noticeOf, saidBy } from "../core/notice.ts";
import type { Event, PlacedEvent } from "../protocol/event.ts";
import type { Notice } from "../protocol/notice.ts";
import type { Db } from "../sqlite/database.ts";
import { readEvents } from "../store/event.ts";
import { readThrough, saveReadThrough } from "../store/meta.ts";
import { insertNotice } from "../store/notice.ts";
import { quote } from "../core/quote.ts";
import { nameOf } from "../core/session.ts";
import { getSession } from "../store/session.ts";
import { getTask } from "../store/task.ts";
import type { Ledger, Tx } from "./commit.ts";
import { calledIn } from "./workspace.ts";

/** Events that are read in one transaction. */
const BATCH_EVENTS = 200;
/** How long after a commit it is read that nobody has to be told of: there are many. */
const REST_MS = 1_000;

/** Who is told. `write` is called in the transaction that marks a notice as told, `told` after it. */
export interface NoticeSink {
  write(tx: Tx, notice: Notice): void;
  told(notices: readonly Notice[]): void;
}

/**
 * Turns events into notices, each once: how far it has read stands in the store, so that what happened while no daemon
 * ran, or while one died, is told by the next.
 */
export class Notices {
  readonly #ledger: Ledger;
  readonly #sink: NoticeSink;
  #unsubscribe: (() => void) | null = null;
  #soon: ReturnType<typeof setImmediate> | null = null;
  #later: ReturnType<typeof setTimeout> | null = null;

  constructor(ledger: Ledger, sink: NoticeSink) {
    this.#ledger = ledger;
    this.#sink = sink;
  }

  start(): void {
    this.#unsubscribe = this.#ledger.subscribe((events) => {
      if (events.some(({ event }) => noticeOf(event) !== null)) this.#wake();
      else if (events.some(({ event }) => event.type !== "transcript"))
        this.#later ??= setTimeout(() => this.#wake(), REST_MS);
    });
    this.#wake();
  }

  /** Reads what has happened until now, so that nothing of it is still to be told. */
  catchUp(): void {
    while (this.#read());
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
    if (this.#soon) clearImmediate(this.#soon);
    if (this.#later) clearTimeout(this.#later);
  }

  #wake(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = null;
      if (this.#later) clearTimeout(this.#later);
      this.#later = null;
      if (this.#read()) this.#wake();
    });
  }

  /** Reads a batch. @returns whether there may be more */
  #read(): boolean {
    const { db } = this.#ledger;
    const after = readThrough(db, "notices");
    const events = readEvents(db, { after, topics: ["tasks"], limit: BATCH_EVENTS });
    const last = events.at(-1);
    if (!last) return false;
    const notices = this.#ledger.ingest((tx) => {
      const found = latest(events).flatMap((placed) => noticeAt(tx.db, placed) ?? []);
      const untold = found.filter((notice) => insertNotice(tx.db, notice));
      for (const notice of untold) this.#sink.write(tx, notice);
      saveReadThrough(tx.db, "notices", last.position.seq);
      return untold;
    });
    if (notices.length > 0) this.#sink.told(notices);
    return events.length === BATCH_EVENTS;
  }
}

/** The last word on each noun, in their order: what was opened and closed again meanwhile needs nobody any more. */
function latest(events: readonly PlacedEvent[]): PlacedEvent[] {
  const last = new Map(events.map((placed) => [nounOf(placed.event), placed]));
  return events.filter((placed) => last.get(nounOf(placed.event)) === placed);
}

function nounOf(event: Event): string {
  switch (event.type) {
    case "task":
      return event.task.id;
    case "question":
      return event.question.id;
    case "approval":
      return event.approval.id;
    case "flag":
      return event.flag.id;
    case "message":
      return event.message.id;
    case "merge":
      return event.merge.id;
    case "schedule":
      return event.schedule.id;
    case "session":
      return event.session.id;
    case "workspace":
    case "transcript":
      return event.type;
  }
}

function noticeAt(db: Db, { event, at }: PlacedEvent): Notice | null {
  const found = noticeOf(event);
  if (!found) return null;
  const { verb: asked, name: own, workspace: place, ...rest } = found;
  const task = found.task && getTask(db, found.task);
  const session = found.session && getSession(db, found.session);
  const name = task ? task.slug : session ? calledIn(db, session) : (own ?? found.about);
  const ref = task ? task.slug : session ? nameOf(session) : name;
  const workspace = (task || session)?.workspace ?? place ?? null;
  const verb = session && asked === "logs" ? saidBy(session) : asked;
  return { ...rest, name, workspace, next: nextOf({ ...found, verb }, quote(ref)), at };
}

/** @param name as a person can paste it into a shell */
function nextOf({ verb, about }: Found, name: string): string {
  switch (verb) {
    case "answer":
      return `dispatch answer ${name} <text>`;
    case "approve":
      return `dispatch approve ${name} ${about}`;
    case "release":
      return `dispatch release ${about}`;
    case "attach":
    case "logs":
    case "result":
    case "retry":
    case "schedule run":
    case "screen":
    case "session show":
    case "status":
      return `dispatch ${verb} ${name}`;
  }
}
