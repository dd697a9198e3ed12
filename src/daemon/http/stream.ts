import type { PlacedEvent } from "../../protocol/event.ts";
import { marksOf } from "../../store/topic.ts";
import type { Ledger } from "../commit.ts";
import type { Log } from "../log.ts";
import { eventFrame, type Outgoing, STALL_MS, StreamClient } from "./stream-client.ts";

/** Clients that may follow the stream at once. */
const MAX_STREAM_CLIENTS = 500;

/** Everyone who follows the stream. */
export class Stream {
  readonly #ledger: Ledger;
  readonly #options: { log: Log; stallMs: number };
  readonly #clients = new Set<StreamClient>();
  readonly #unsubscribe: () => void;

  constructor(ledger: Ledger, options: { log: Log; stallMs?: number }) {
    this.#ledger = ledger;
    this.#options = { stallMs: STALL_MS, ...options };
    this.#unsubscribe = ledger.subscribe((events) => this.#publish(events));
  }

  /** A client for a connection that is about to be upgraded; null when there are too many. */
  admit(): StreamClient | null {
    if (this.#clients.size >= MAX_STREAM_CLIENTS) return null;
    const client = new StreamClient(this.#ledger, {
      ...this.#options,
      came: () => this.#clients.add(client),
      left: () => this.#clients.delete(client),
    });
    return client;
  }

  /** Says goodbye to everyone. Idempotent. */
  close(): void {
    this.#unsubscribe();
    for (const client of this.#clients) client.leave();
  }

  #publish(events: readonly PlacedEvent[]): void {
    if (this.#clients.size === 0) return;
    const outgoing = events.map(outgoingOf);
    for (const client of this.#clients) client.committed(outgoing);
  }
}

/** What all clients need of an event is made once, its text with the first who follows it. */
function outgoingOf(placed: PlacedEvent): Outgoing {
  let text: string | null = null;
  return {
    seq: placed.position.seq,
    marks: marksOf(placed.event),
    frame: () => (text ??= eventFrame(JSON.stringify(placed))),
  };
}
