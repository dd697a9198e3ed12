import { usedUp } from "../core/budget.ts";
import { isLive } from "../core/run.ts";
import { checkBudget } from "../core/spend.ts";
import type { Event, PlacedEvent } from "../protocol/event.ts";
import type { SessionId, SweepId, TaskId } from "../protocol/id.ts";
import type { Task } from "../protocol/task.ts";
import { getAttempt } from "../store/attempt.ts";
import { getSession } from "../store/session.ts";
import { getSweep, tasksOfSweep, timeBudgetedSweeps } from "../store/sweep.ts";
import { getTask } from "../store/task.ts";
import { Alarms } from "./alarm.ts";
import type { Ledger } from "./commit.ts";
import { advance } from "./run.ts";
import { flagStopped, poolOf } from "./sweep-budget.ts";
import { FINDING_MS } from "./timers.ts";

/** What this needs of the daemon. */
export interface SharedTimePorts {
  readonly ledger: Ledger;
  attend(session: SessionId): void;
}

/**
 * Has those that work in a sweep ask when the time that its tasks share is used up. An alarm only looks at the store
 * again: late, early or lost, it decides nothing.
 */
export class SharedTime {
  readonly #ports: SharedTimePorts;
  readonly #alarms = new Alarms<SweepId>();
  /** Those of which a person was told that nothing more starts. Forgotten with the daemon: at most it is told again. */
  readonly #flagged = new Set<SweepId>();
  /** When it is known which of those that worked before this daemon are lost; 0: nothing did. */
  #knownAt = 0;
  #unsubscribe: (() => void) | null = null;

  constructor(ports: SharedTimePorts) {
    this.#ports = ports;
  }

  start(): void {
    const { ledger } = this.#ports;
    const sweeps = timeBudgetedSweeps(ledger.db);
    if (sweeps.some(({ id }) => tasksOfSweep(ledger.db, id).some((task) => this.#works(task))))
      this.#knownAt = Date.now() + FINDING_MS;
    for (const { id } of sweeps) this.#arm(id, Date.now());
    this.#unsubscribe = ledger.subscribe((events) => this.#heard(events));
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
    this.#alarms.clear();
  }

  /** Whoever begins or ceases to work changes how long the rest will last. */
  #heard(events: readonly PlacedEvent[]): void {
    const { db } = this.#ports.ledger;
    const sweeps = new Set(events.map(({ event }) => sweepOf(event, (id) => getTask(db, id))));
    for (const id of sweeps)
      if (id !== null && getSweep(db, id)?.budget?.timeMs !== undefined) this.#arm(id, Date.now());
  }

  #arm(id: SweepId, due: number): void {
    this.#alarms.set(id, due, () => this.#look(id));
  }

  #look(id: SweepId): void {
    if (this.#knownAt > Date.now()) return this.#arm(id, this.#knownAt);
    const { db } = this.#ports.ledger;
    const pool = poolOf(db, { sweep: id });
    const longest = pool?.budget.timeMs;
    if (!pool || longest === undefined) return;
    const tasks = tasksOfSweep(db, id);
    const working = tasks.filter((task) => this.#works(task));
    if (usedUp(pool.used, pool.budget) !== "timeMs") {
      this.#flagged.delete(id);
      if (working.length > 0) this.#arm(id, Date.now() + (longest - pool.used.timeMs) / working.length);
    } else if (working.length > 0) this.#ask(working);
    else if (!tasks.some(isLive)) this.#flag(id, tasks);
  }

  /** False also for one whose agent is not up yet: its session's next event comes by here. */
  #works({ id, attempt, status, session }: Task): boolean {
    if (status.state !== "working" || status.ending !== null || session === null) return false;
    const { db } = this.#ports.ledger;
    const isUp = getSession(db, session)!.status.state !== "starting";
    return isUp && getAttempt(db, id, attempt)!.waitingSince === null;
  }

  #ask(working: readonly Task[]): void {
    this.#ports.ledger.commit((tx) => {
      for (const { id } of working)
        advance(tx, id, (run, facts) => checkBudget(run, { facts, pool: poolOf(tx.db, run.task) }));
    });
    for (const { session } of working) if (session) this.#ports.attend(session);
  }

  /** The last that worked ended before it asked anybody. */
  #flag(id: SweepId, tasks: readonly Task[]): void {
    const last = tasks.findLast(({ session }) => session !== null);
    if (!last || this.#flagged.has(id) || !tasks.some(({ status }) => status.state === "submitted")) return;
    this.#flagged.add(id);
    this.#ports.ledger.commit((tx) => flagStopped(tx, last, poolOf(tx.db, last)!));
  }
}

function sweepOf(event: Event, taskOf: (id: TaskId) => Task | null): SweepId | null {
  if (event.type === "task") return event.task.sweep;
  const { task } = event.type === "session" ? event.session : { task: null };
  return task && (taskOf(task)?.sweep ?? null);
}
