import { stalled } from "../core/stall.ts";
import { showsLife } from "../core/vitals.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import type { Vitals } from "../protocol/vitals.ts";
import { activeSessions } from "../store/session.ts";
import type { Ledger } from "./commit.ts";
import { advance } from "./run.ts";

/** How many times a silent worker is looked at before it counts as stalled. */
const LOOKS = 4;
/** How much of a silence its looks must span: on a machine that is busy with others' the answers come late. */
const SEEN_SHARE = 0.5;
/** How soon a watchdog that is switched off looks whether it still is, in milliseconds. */
const OFF_MS = 60_000;

/** What a watchdog needs of the daemon. `stallMs`: how long a worker may show no sign of life; null: as long as it likes. */
export interface WatchdogPorts {
  readonly ledger: Ledger;
  stallMs(): number | null;
  /** Has the host of a session asked for its vitals; they come by `seen`, or not at all. */
  look(session: SessionId): void;
  attend(session: SessionId): void;
}

/** A worker in a turn that waits for nobody. Times are of the monotonic clock, so that a clock that is set stalls nobody. */
interface Watch {
  readonly task: TaskId;
  signAt: number;
  /** When its host was last asked. */
  askedAt: number;
  /** What that said, for the next look to compare with; `since` its looks have found nothing. */
  seen: { readonly at: number; readonly since: number; readonly vitals: Vitals } | null;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Watches for workers that hang: no event, no computing, no bytes. While one is silent its host is asked what its
 * processes did; only looks that found nothing, over all of the time, make it stalled. What it knows dies with the
 * daemon: the next one begins to count anew.
 */
export class Watchdog {
  readonly #ports: WatchdogPorts;
  readonly #watches = new Map<SessionId, Watch>();
  #unsubscribe: (() => void) | null = null;

  constructor(ports: WatchdogPorts) {
    this.#ports = ports;
  }

  start(): void {
    const { ledger } = this.#ports;
    for (const session of activeSessions(ledger.db)) this.#follow(session);
    this.#unsubscribe = ledger.subscribe((events) => {
      for (const { event } of events) {
        if (event.type === "session") this.#follow(event.session);
        else if (event.type === "transcript") this.#heard(event.session);
      }
    });
  }

  /** The vitals that a host told. */
  seen(session: SessionId, vitals: Vitals): void {
    const watch = this.#watches.get(session);
    if (!watch) return;
    const now = performance.now();
    const before = watch.seen;
    const isAlive = before !== null && showsLife(before.vitals, vitals, now - before.at);
    if (isAlive) watch.signAt = now;
    const since = before === null || isAlive ? now : before.since;
    watch.seen = { at: now, since, vitals };
    const stallMs = this.#ports.stallMs();
    if (stallMs === null || now - watch.signAt < stallMs || now - since < stallMs * SEEN_SHARE) return;
    this.#stalled(session, watch, stallMs);
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
    for (const { timer } of this.#watches.values()) clearTimeout(timer);
    this.#watches.clear();
  }

  #follow({ id, task, status }: Session): void {
    const watch = this.#watches.get(id);
    if (task !== null && status.state === "busy" && status.waiting === null) {
      if (watch) return;
      const now = performance.now();
      this.#watches.set(id, { task, signAt: now, askedAt: now, seen: null, timer: undefined });
      return this.#arm(id);
    }
    clearTimeout(watch?.timer);
    this.#watches.delete(id);
  }

  #heard(session: SessionId): void {
    const watch = this.#watches.get(session);
    if (!watch) return;
    watch.signAt = performance.now();
    watch.seen = null;
  }

  #arm(session: SessionId): void {
    const watch = this.#watches.get(session);
    if (!watch) return;
    const stallMs = this.#ports.stallMs();
    const last = Math.max(watch.signAt, watch.askedAt);
    const delay = stallMs === null ? OFF_MS : last + stallMs / LOOKS - performance.now();
    watch.timer = setTimeout(() => this.#fire(session, watch), Math.max(0, delay));
  }

  /** An agent that has said something meanwhile needs no look. */
  #fire(session: SessionId, watch: Watch): void {
    const stallMs = this.#ports.stallMs();
    if (stallMs !== null && performance.now() - watch.signAt >= stallMs / LOOKS) {
      this.#ports.look(session);
      watch.askedAt = performance.now();
    }
    this.#arm(session);
  }

  #stalled(session: SessionId, watch: Watch, stallMs: number): void {
    watch.signAt = performance.now();
    watch.seen = null;
    this.#ports.ledger.commit((tx) => advance(tx, watch.task, (run, facts) => stalled(run, stallMs, facts)));
    this.#ports.attend(session);
  }
}
