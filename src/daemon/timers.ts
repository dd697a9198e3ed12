import { formatDuration } from "../core/duration.ts";
import type { Advance, Facts, Run } from "../core/run.ts";
import { fail, park } from "../core/end.ts";
import type { Event } from "../protocol/event.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Task } from "../protocol/task.ts";
import { getAttempt } from "../store/attempt.ts";
import { getSession } from "../store/session.ts";
import { getTask, liveTasks } from "../store/task.ts";
import type { Ledger } from "./commit.ts";
import { advance } from "./run.ts";

/** The longest delay that a timer of the runtime takes, in milliseconds. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** What timers need of the daemon. `idleMs` is how long an agent is kept while its task waits for a person. */
export interface TimerPorts {
  readonly ledger: Ledger;
  idleMs(): number;
  attend(session: SessionId): void;
}

/**
 * Ends attempts whose time is over, and lets go of agents whose task waits for a person. A timer only asks the rules
 * again at a time that it read from the store: late, early or lost, it decides nothing.
 */
export class Timers {
  readonly #ports: TimerPorts;
  readonly #armed = new Map<TaskId, ReturnType<typeof setTimeout>>();
  #unsubscribe: (() => void) | null = null;

  constructor(ports: TimerPorts) {
    this.#ports = ports;
  }

  start(): void {
    const { ledger } = this.#ports;
    for (const task of liveTasks(ledger.db)) this.#arm(task);
    this.#unsubscribe = ledger.subscribe((events) => {
      const touched = new Set(events.flatMap(({ event }) => taskOf(event) ?? []));
      for (const id of touched) this.#rearm(id);
    });
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
    for (const timer of this.#armed.values()) clearTimeout(timer);
    this.#armed.clear();
  }

  #rearm(id: TaskId): void {
    const task = getTask(this.#ports.ledger.db, id);
    if (task) this.#arm(task);
  }

  #arm(task: Task): void {
    clearTimeout(this.#armed.get(task.id));
    this.#armed.delete(task.id);
    const due = this.#due(task);
    if (due === null) return;
    const delay = Math.min(Math.max(0, due - Date.now()), MAX_DELAY_MS);
    this.#armed.set(
      task.id,
      setTimeout(() => this.#fire(task.id), delay),
    );
  }

  /**
   * When the rules are to be asked next, in milliseconds since the epoch; null: never, as things stand. It is asked at
   * every change of every task, so it reads only the rows that the answer needs.
   */
  #due(task: Task): number | null {
    const { db } = this.#ports.ledger;
    const { status } = task;
    if (status.state === "working" && status.ending === null && task.timeoutMs !== null) {
      const { startedAt, waitedMs } = getAttempt(db, task.id, task.attempt)!;
      return startedAt + waitedMs + task.timeoutMs;
    }
    if (status.state === "input-required" && task.session !== null) {
      const isIdle = getSession(db, task.session)!.status.state === "ready";
      return isIdle ? status.since + this.#ports.idleMs() : null;
    }
    return null;
  }

  #fire(id: TaskId): void {
    const task = getTask(this.#ports.ledger.db, id)!;
    const due = this.#due(task);
    if (due === null || due > Date.now()) return this.#arm(task);
    const { session } = this.#ports.ledger.commit((tx) => advance(tx, id, overdue));
    this.#ports.attend(session.id);
  }
}

/** The task whose times an event may have changed. */
function taskOf(event: Event): TaskId | null {
  if (event.type === "task") return event.task.id;
  return event.type === "session" ? event.session.task : null;
}

/** Waiting for a person is no fault: its agent is let go. Working for too long is. */
function overdue(run: Run, facts: Facts): Advance {
  const { task } = run;
  if (task.status.state === "input-required") return park(run);
  const message = `not done after ${formatDuration(task.timeoutMs ?? 0)}`;
  return fail(run, { reason: "timeout", message, hint: `dispatch resume ${task.slug}` }, facts);
}
