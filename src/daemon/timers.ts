import { formatDuration } from "../core/duration.ts";
import type { Advance, Facts, Run } from "../core/run.ts";
import { fail, park } from "../core/end.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import { liveTasks } from "../store/task.ts";
import type { Ledger } from "./commit.ts";
import { advance, loadRun } from "./run.ts";

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
    for (const task of liveTasks(ledger.db)) this.#arm(task.id);
    this.#unsubscribe = ledger.subscribe((events) => {
      const touched = events.flatMap(({ event }) => {
        if (event.type === "task") return event.task.session ? [event.task.id] : [];
        return event.type === "session" && event.session.task ? [event.session.task] : [];
      });
      for (const id of new Set(touched)) this.#arm(id);
    });
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
    for (const timer of this.#armed.values()) clearTimeout(timer);
    this.#armed.clear();
  }

  #arm(id: TaskId): void {
    clearTimeout(this.#armed.get(id));
    this.#armed.delete(id);
    const due = this.#due(loadRun(this.#ports.ledger.db, id));
    if (due === null) return;
    const delay = Math.min(Math.max(0, due - Date.now()), MAX_DELAY_MS);
    this.#armed.set(
      id,
      setTimeout(() => this.#fire(id), delay),
    );
  }

  /** When the rules are to be asked next, in milliseconds since the epoch; null: never, as things stand. */
  #due({ task, attempt, session }: Run): number | null {
    const { status } = task;
    if (status.state === "working" && status.ending === null && task.timeoutMs !== null)
      return attempt.startedAt + attempt.waitedMs + task.timeoutMs;
    if (status.state === "input-required" && session.status.state === "ready")
      return status.since + this.#ports.idleMs();
    return null;
  }

  #fire(id: TaskId): void {
    const run = loadRun(this.#ports.ledger.db, id);
    const due = this.#due(run);
    if (due === null || due > Date.now()) return this.#arm(id);
    this.#ports.ledger.commit((tx) => advance(tx, id, overdue));
    this.#ports.attend(run.session.id);
  }
}

/** Waiting for a person is no fault: its agent is let go. Working for too long is. */
function overdue(run: Run, facts: Facts): Advance {
  const { task } = run;
  if (task.status.state === "input-required") return park(run);
  const message = `not done after ${formatDuration(task.timeoutMs ?? 0)}`;
  return fail(run, { reason: "timeout", message, hint: `dispatch resume ${task.slug}` }, facts);
}
