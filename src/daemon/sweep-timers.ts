import { formatDuration } from "../core/duration.ts";
import { fail } from "../core/end.ts";
import { isEnded } from "../core/run.ts";
import { neverStarted } from "../core/task.ts";
import type { SessionId, SweepId } from "../protocol/id.ts";
import type { Sweep } from "../protocol/sweep.ts";
import type { Task } from "../protocol/task.ts";
import { getAttempt } from "../store/attempt.ts";
import { tasksOfSweep, timedSweeps } from "../store/sweep.ts";
import { getTask } from "../store/task.ts";
import { Alarms } from "./alarm.ts";
import type { Ledger, Tx } from "./commit.ts";
import { advance, writeEnd } from "./run.ts";

/** What these timers need of the daemon. `ended` is told of each task that was ended, by its session if it has one. */
export interface SweepTimerPorts {
  readonly ledger: Ledger;
  ended(session: SessionId | null): void;
}

/**
 * Ends what is open of a sweep when its time is over. An attempt that was asked for after that is left alone: somebody
 * wanted it all the same. An alarm only looks at the store again: late, early or lost, it decides nothing.
 */
export class SweepTimers {
  readonly #ports: SweepTimerPorts;
  readonly #alarms = new Alarms<SweepId>();

  constructor(ports: SweepTimerPorts) {
    this.#ports = ports;
  }

  start(): void {
    for (const sweep of timedSweeps(this.#ports.ledger.db)) this.arm(sweep);
  }

  /** Idempotent. */
  close(): void {
    this.#alarms.clear();
  }

  /** To be called for a sweep that is new. */
  arm(sweep: Sweep): void {
    const due = dueOf(sweep);
    if (due !== null) this.#alarms.set(sweep.id, due, () => this.#fire(sweep, due));
  }

  #fire(sweep: Sweep, due: number): void {
    if (due > Date.now()) return this.arm(sweep);
    const { db } = this.#ports.ledger;
    const late = tasksOfSweep(db, sweep.id).filter(
      (task) => !isEnded(task) && getAttempt(db, task.id, task.attempt)!.startedAt <= due,
    );
    if (late.length === 0) return;
    this.#ports.ledger.commit((tx) => {
      for (const task of late.toReversed()) timeOut(tx, getTask(tx.db, task.id)!, sweep);
    });
    for (const { session } of late) this.#ports.ended(session);
  }
}

function dueOf({ createdAt, timeoutMs }: Sweep): number | null {
  return timeoutMs === null ? null : createdAt + timeoutMs;
}

function timeOut(tx: Tx, task: Task, { slug, timeoutMs }: Sweep): void {
  const message = `${slug} was not done after ${formatDuration(timeoutMs ?? 0)}`;
  const failure = { reason: "timeout", message, hint: `dispatch retry ${task.slug}` } as const;
  if (task.status.state !== "submitted") {
    advance(tx, task.id, (run, facts) => fail(run, failure, facts));
    return;
  }
  const attempt = getAttempt(tx.db, task.id, task.attempt)!;
  writeEnd(tx, neverStarted(task, attempt, { state: "failed", result: null, ...failure }, Date.now()));
}
