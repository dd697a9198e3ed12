import { formatDuration } from "../core/duration.ts";
import { fail, park } from "../core/end.ts";
import { giveUp, isTooLong } from "../core/limit.ts";
import { expire } from "../core/message.ts";
import { type Advance, type Facts, type Run, isWaiting, still } from "../core/run.ts";
import { letGo } from "../core/session.ts";
import { checkBudget } from "../core/spend.ts";
import { workedMs } from "../core/worked.ts";
import type { PlacedEvent } from "../protocol/event.ts";
import type { MessageId, SessionId, TaskId } from "../protocol/id.ts";
import type { Message } from "../protocol/message.ts";
import type { Session } from "../protocol/session.ts";
import type { Task } from "../protocol/task.ts";
import { getAttempt, listAttempts } from "../store/attempt.ts";
import { expiringMessages, getMessage } from "../store/message.ts";
import { getSession, idleSessions } from "../store/session.ts";
import { getTask, liveTasks } from "../store/task.ts";
import { Alarms } from "./alarm.ts";
import type { Ledger } from "./commit.ts";
import { advance, advanceEither } from "./run.ts";
import { advanceTalk } from "./talk.ts";

/** What a daemon that starts gets to find which agents were lost before: they did not work since. */
export const FINDING_MS = 15_000;

/**
 * What timers need of the daemon. `idleMs` is how long an agent is kept that waits for a person, `parkMs` how long a
 * task waits for the end of a limit.
 */
export interface TimerPorts {
  readonly ledger: Ledger;
  idleMs(): number;
  parkMs(): number;
  /** The limit of an agent may be over. */
  limitOver(): void;
  attend(session: SessionId): void;
}

/**
 * Ends attempts whose time is over, has tasks ask that have used up their budget of time, lets go of agents that wait
 * for a person, and takes messages out of the line that were told too late. An alarm only asks the rules again at a
 * time that it read from the store: late, early or lost, it decides nothing.
 */
export class Timers {
  readonly #ports: TimerPorts;
  readonly #alarms = new Alarms<TaskId | SessionId | MessageId>();
  readonly #openedAt = Date.now();
  #unsubscribe: (() => void) | null = null;

  constructor(ports: TimerPorts) {
    this.#ports = ports;
  }

  start(): void {
    const { ledger } = this.#ports;
    for (const task of liveTasks(ledger.db)) this.#armTask(task);
    for (const session of idleSessions(ledger.db)) this.#armSession(session);
    for (const message of expiringMessages(ledger.db)) this.#armMessage(message);
    this.#unsubscribe = ledger.subscribe((events) => this.#heard(events));
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
    this.#alarms.clear();
  }

  #heard(events: readonly PlacedEvent[]): void {
    for (const { event } of events) {
      if (event.type === "task") this.#armTask(event.task);
      else if (event.type === "message") this.#armMessage(event.message);
      else if (event.type === "session") this.#armSession(event.session);
    }
  }

  #armTask(task: Task): void {
    this.#alarms.set(task.id, this.#dueOfTask(task), () => this.#fireTask(task.id));
  }

  /** A task waits with its session: what is due depends on both. */
  #armSession(session: Session): void {
    const { id, task } = session;
    if (task !== null) return this.#armTask(getTask(this.#ports.ledger.db, task)!);
    this.#alarms.set(id, this.#dueOfSession(session), () => this.#fireSession(id));
  }

  #armMessage(message: Message): void {
    const due = isWaiting(message) ? message.expiresAt : null;
    this.#alarms.set(message.id, due, () => this.#fireMessage(message.id));
  }

  /** Milliseconds since the epoch; null: never, as things stand. */
  #dueOfTask(task: Task): number | null {
    const { status, session, parked } = task;
    const { db } = this.#ports.ledger;
    if (parked) return this.#isParkedTooLong(task) ? parked.at : parked.until;
    if (status.state === "working") return status.ending === null ? this.#outOfTime(task) : null;
    const waits = status.state === "input-required" && session !== null;
    if (!waits || getSession(db, session)!.status.state !== "ready") return null;
    return status.since + this.#ports.idleMs();
  }

  /** When a working attempt will have worked for too long, or the task for what its budget allows. */
  #outOfTime({ id, session, attempt: number, timeoutMs, budget }: Task): number | null {
    const { db } = this.#ports.ledger;
    const isStarting = session !== null && getSession(db, session)!.status.state === "starting";
    const longest = isStarting ? undefined : budget?.timeMs;
    if (timeoutMs === null && longest === undefined) return null;
    const attempts = listAttempts(db, id);
    const current = attempts.find((each) => each.number === number)!;
    if (current.waitingSince !== null) return null;
    const now = Date.now();
    const ends = timeoutMs === null ? Infinity : now + timeoutMs - workedMs([current], now);
    const asks = longest === undefined ? Infinity : now + longest - workedMs(attempts, now);
    const known = current.startedAt < this.#openedAt ? this.#openedAt + FINDING_MS : 0;
    return Math.max(known, Math.min(ends, asks));
  }

  #isParkedTooLong({ id, attempt, parked }: Task): boolean {
    if (!parked) return false;
    const { parks } = getAttempt(this.#ports.ledger.db, id, attempt)!;
    return isTooLong(parked, { parks, longestMs: this.#ports.parkMs() });
  }

  #dueOfSession({ kind, status, updatedAt }: Session): number | null {
    return status.state === "ready" && kind !== "terminal" ? updatedAt + this.#ports.idleMs() : null;
  }

  #fireTask(id: TaskId): void {
    const { ledger } = this.#ports;
    const task = getTask(ledger.db, id)!;
    const due = this.#dueOfTask(task);
    if (due === null || due > Date.now()) return this.#armTask(task);
    const isOver = task.parked !== null && !this.#isParkedTooLong(task);
    if (isOver) return this.#ports.limitOver();
    const { session } = ledger.commit((tx) => advance(tx, id, overdue));
    this.#ports.attend(session.id);
  }

  #fireSession(id: SessionId): void {
    const { ledger } = this.#ports;
    const session = getSession(ledger.db, id)!;
    const due = this.#dueOfSession(session);
    if (due === null || due > Date.now()) return this.#armSession(session);
    ledger.commit((tx) => advanceTalk(tx, id, letGo));
    this.#ports.attend(id);
  }

  #fireMessage(id: MessageId): void {
    const { ledger } = this.#ports;
    const message = getMessage(ledger.db, id)!;
    if (!isWaiting(message) || message.expiresAt === null) return;
    if (message.expiresAt > Date.now()) return this.#armMessage(message);
    const session = getSession(ledger.db, message.session)!;
    const rule = <R extends Parameters<typeof expire>[0]>(run: R, facts: Facts) => still(expire(run, facts));
    ledger.commit((tx) => advanceEither(tx, session, { task: rule, alone: rule }));
  }
}

/** Waiting for a person is no fault: its agent is let go. Working for too long is; of a used-up budget a person is asked. */
function overdue(run: Run, facts: Facts): Advance {
  const { task } = run;
  if (task.parked) return giveUp(run, facts);
  if (task.status.state === "input-required") return park(run);
  const { timeoutMs } = task;
  if (timeoutMs === null || workedMs([run.attempt], facts.now) < timeoutMs)
    return checkBudget(run, { facts, pool: null });
  const message = `not done after ${formatDuration(timeoutMs)}`;
  return fail(run, { reason: "timeout", message, hint: `dispatch resume ${task.slug}` }, facts);
}
