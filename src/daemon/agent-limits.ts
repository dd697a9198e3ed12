import { isLive } from "../core/run.ts";
import { type Waiter, whoGoesOn } from "../core/limit.ts";
import type { Event } from "../protocol/event.ts";
import type { TaskId } from "../protocol/id.ts";
import type { Parked, Task } from "../protocol/task.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { getTask, parkedTasks } from "../store/task.ts";
import type { Ledger } from "./commit.ts";

/**
 * Which agents are at their provider's limit, and which task tries whether that is over. Who waits is in the store; what
 * the tries found dies with the daemon, and the next one tries again.
 */
export class AgentLimits {
  readonly #ledger: Ledger;
  readonly #trying = new Map<TaskId, string>();
  readonly #over = new Map<string, number>();
  #unsubscribe: (() => void) | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** @param changed is called when others may go on */
  start(changed: () => void): void {
    this.#unsubscribe = this.#ledger.subscribe((events) => {
      if (this.#trying.size === 0) return;
      const found = events.filter(({ event }) => this.#finds(event));
      if (found.length > 0) changed();
    });
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
  }

  /** Who may go on now, and which agents nothing else is started for. */
  now(): { due: Waiter[]; held: Set<string> } {
    const findings = { trying: new Set(this.#trying.values()), over: this.#over };
    return whoGoesOn(parkedTasks(this.#ledger.db), findings, Date.now());
  }

  /** The wait that ends first of those that keep an agent's tasks from starting; null: none does. */
  holding(agent: string): Parked | null {
    if (!this.now().held.has(agent)) return null;
    const waiters = parkedTasks(this.#ledger.db).filter((each) => each.agent === agent);
    const first = waiters.toSorted((one, other) => one.until - other.until)[0];
    return first ? getTask(this.#ledger.db, first.id)!.parked : null;
  }

  /** This task goes on: it is found out whether the others may. */
  tries({ id, model }: Task): void {
    this.#trying.set(id, model.agent);
  }

  #finds(event: Event): boolean {
    if (event.type === "task") {
      const isOver = event.task.parked !== null || !isLive(event.task);
      return isOver && this.#trying.delete(event.task.id);
    }
    if (event.type !== "transcript" || event.task === null || !getsOn(event.record.event)) return false;
    const agent = this.#trying.get(event.task);
    if (agent === undefined) return false;
    this.#over.set(agent, Date.now());
    return this.#trying.delete(event.task);
  }
}

const SIGNS = new Set<TranscriptEvent["type"]>(["tool", "plan", "finish", "question"]);

/** A sign that the model answered. Words are none: agents tell of the limit in words too. */
function getsOn(event: TranscriptEvent): boolean {
  if (event.type === "turn_ended") return event.limit === undefined && event.end !== "error";
  return SIGNS.has(event.type);
}
