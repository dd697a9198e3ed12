import type { Tenant } from "../core/boundary.ts";
import { isEnded } from "../core/run.ts";
import type { PlacedEvent } from "../protocol/event.ts";
import type { TaskId } from "../protocol/id.ts";
import type { Task } from "../protocol/task.ts";
import { tasksInCheckouts } from "../store/task.ts";
import { tenantsOf } from "./boundary.ts";
import type { Ledger } from "./commit.ts";
import { roomsOf } from "./rooms.ts";

/**
 * How the tasks that have not ended share checkouts, which every new task is compared with: read from the store when it
 * is asked for first, and kept abreast of the events from then on.
 */
export class Tenancy {
  readonly #ledger: Ledger;
  readonly #tenants = new Map<TaskId, readonly Tenant[]>();
  #unsubscribe: (() => void) | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Of all tasks that are open now. */
  read(): Tenant[] {
    if (!this.#unsubscribe) this.#load();
    return [...this.#tenants.values()].flat();
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
  }

  #load(): void {
    this.#unsubscribe = this.#ledger.subscribe((events) => this.#follow(events));
    for (const task of tasksInCheckouts(this.#ledger.db)) this.#take(task);
  }

  #follow(events: readonly PlacedEvent[]): void {
    for (const { event } of events) {
      if (event.type !== "task") continue;
      const { task } = event;
      if (isEnded(task)) this.#tenants.delete(task.id);
      else if (!this.#tenants.has(task.id)) this.#take(task); // nothing that counts here changes while it is open
    }
  }

  #take(task: Task): void {
    const tenants = tenantsOf(task, roomsOf(this.#ledger.db, task));
    if (tenants.length > 0) this.#tenants.set(task.id, tenants);
  }
}
