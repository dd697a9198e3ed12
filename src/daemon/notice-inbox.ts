import { isEnded } from "../core/run.ts";
import type { CallAnswer } from "../protocol/api.ts";
import type { CallerNotice, ListenerRef, Notice } from "../protocol/notice.ts";
import type { Db } from "../sqlite/database.ts";
import { listOpenApprovals } from "../store/approval.ts";
import {
  claimNotice,
  forgetNotice,
  keepNotice,
  openTasks,
  seeSession,
  type UntoldNotice,
  untoldNotices,
} from "../store/caller-notice.ts";
import { listOpenFlags } from "../store/flag.ts";
import { listHeldMessages } from "../store/message.ts";
import { listOpenQuestions, listQuestions } from "../store/question.ts";
import { getTask } from "../store/task.ts";
import type { Ledger, Tx } from "./commit.ts";

/** How long a notice is its taker's, in milliseconds: to write it down takes a few, and a dead one must not keep it. */
const CLAIM_MS = 10_000;
/** Notices that are told at once: a host's context is dear. */
const MAX_CLAIMED = 10;

interface Wait extends ListenerRef {
  forMs: number;
  alone?: "true" | undefined;
  beside?: string | undefined;
}

/** The messages for agents outside, as a wait beside one sees them. */
export interface Mailbox {
  /** Messages, and when the agent may be woken for them; null where the hook stands below no such agent. */
  waitingFor(hook: { reporter: string }): { waiting: number; freeAt: number } | null;
  attend(hook: { reporter: string }): () => void;
}

/**
 * What callers were not told yet of the tasks that they handed over: each notice is taken (`claim`), told, and then
 * acknowledged. Until then it stays, over restarts too; one that time has overtaken, such as a question that was
 * answered elsewhere, is dropped.
 */
export class NoticeInbox {
  readonly #ledger: Ledger;
  readonly #mailbox: Mailbox;
  /** Makes notices of all that has happened. */
  readonly #catchUp: () => void;
  readonly #unsubscribe: () => void;
  readonly #wakers = new Set<() => void>();
  /** The wait of each caller that ends when another one comes. */
  readonly #alone = new Map<string, () => void>();
  #closed = false;

  constructor(ledger: Ledger, mailbox: Mailbox, catchUp: () => void) {
    this.#ledger = ledger;
    this.#mailbox = mailbox;
    this.#catchUp = catchUp;
    this.#unsubscribe = ledger.subscribe((events) => {
      if (events.some(({ event }) => event.type !== "transcript")) this.#wakeAll();
    });
  }

  /** Keeps a notice for the caller whose task it is of, in the caller's transaction. */
  write({ db }: Tx, notice: Notice): void {
    if (notice.task !== null) keepNotice(db, notice.task, notice);
  }

  /**
   * Resolves when there is something to claim, no task is open, the time is over, another wait comes, or at the close.
   * Beside an agent outside there may always be something more to tell.
   */
  async wait({ forMs, alone, beside, ...ref }: Wait): Promise<CallAnswer<"awaitNotices">> {
    const end = Date.now() + forMs;
    const left = beside === undefined ? () => {} : this.#mailbox.attend({ reporter: beside });
    let replaced = false;
    let wake = (): void => {};
    const replace = (): void => {
      replaced = true;
      wake();
    };
    if (alone !== undefined) {
      this.#alone.get(ref.caller)?.();
      this.#alone.set(ref.caller, replace);
    }
    try {
      for (;;) {
        const { waiting, open, freeAt } = this.#look(ref, beside);
        const over = waiting > 0 || open === 0 || Date.now() >= end;
        if (over || replaced || this.#closed) return { waiting, open, replaced };
        const woken = Promise.withResolvers<void>();
        wake = woken.resolve;
        await this.#woken(woken, Math.min(end, freeAt));
      }
    } finally {
      left();
      if (this.#alone.get(ref.caller) === replace) this.#alone.delete(ref.caller);
    }
  }

  /** Takes what the caller is to be told, in the caller's transaction. */
  claim({ db }: Tx, ref: ListenerRef): CallerNotice[] {
    const now = Date.now();
    seeSession(db, ref);
    const open = openIds(db);
    const free: CallerNotice[] = [];
    for (const untold of untoldNotices(db, ref)) {
      if (!isCurrent(db, untold.notice, open)) forgetNotice(db, untold.id);
      else if (isFree(untold, now) && free.length < MAX_CLAIMED) free.push(callerNotice(db, untold));
    }
    for (const { id } of free) claimNotice(db, id, now);
    return free;
  }

  /** Ends every wait, so that the daemon can go. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    this.#wakeAll();
  }

  /** `freeAt`: when the first notice that somebody else has taken can be taken again. */
  #look(ref: ListenerRef, beside?: string): { waiting: number; open: number; freeAt: number } {
    this.#catchUp();
    const { db } = this.#ledger;
    const now = Date.now();
    const open = openIds(db);
    const current = untoldNotices(db, ref).filter(({ notice }) => isCurrent(db, notice, open));
    const taken = current.filter((untold) => !isFree(untold, now));
    const mail = beside === undefined ? null : this.#mailbox.waitingFor({ reporter: beside });
    const isEarly = mail !== null && mail.waiting > 0 && mail.freeAt > now;
    return {
      waiting: current.length - taken.length + (isEarly ? 0 : (mail?.waiting ?? 0)),
      open: openTasks(db, ref) + taken.length + (mail === null ? 0 : 1), // what is taken may come back
      freeAt: Math.min(...taken.map(({ claimed }) => claimed! + CLAIM_MS), ...(isEarly ? [mail.freeAt] : [])),
    };
  }

  async #woken({ promise, resolve }: PromiseWithResolvers<void>, at: number): Promise<void> {
    const timer = setTimeout(resolve, at - Date.now());
    this.#wakers.add(resolve);
    await promise;
    this.#wakers.delete(resolve);
    clearTimeout(timer);
  }

  #wakeAll(): void {
    for (const wake of this.#wakers) wake();
  }
}

function isFree({ claimed }: UntoldNotice, now: number): boolean {
  return claimed === null || claimed + CLAIM_MS <= now;
}

/** Everything that waits for a person. */
function openIds(db: Db): Set<string> {
  const open = [listOpenQuestions(db), listOpenApprovals(db), listOpenFlags(db), listHeldMessages(db)];
  return new Set(open.flatMap((all) => all.map(({ id }) => id)));
}

function isCurrent(db: Db, { kind, about, task: id }: Notice, open: ReadonlySet<string>): boolean {
  if (kind === "needs-you") return open.has(about);
  const task = id && getTask(db, id);
  if (!task) return false;
  return !about.startsWith(`${task.id}:`) || (isEnded(task) && about === `${task.id}:${task.attempt}`);
}

function callerNotice(db: Db, { id, notice }: UntoldNotice): CallerNotice {
  const task = getTask(db, notice.task!)!;
  const question = listQuestions(db, task.id).find((each) => each.id === notice.about);
  const { items } = task.plan;
  return {
    id,
    notice,
    options: question?.options ?? [],
    done: items.filter(({ mark }) => mark === "done").length,
    all: items.length,
  };
}
