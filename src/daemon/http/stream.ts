import type { PlacedEvent } from "../../protocol/event.ts";
import type { Ledger } from "../commit.ts";
import type { Log } from "../log.ts";
import { STALL_MS, StreamClient } from "./stream-client.ts";

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
    const texts: string[] = [];
    const frames = (index: number) => (texts[index] ??= JSON.stringify({ type: "event", ...events[index] }));
    for (const client of this.#clients) client.committed(events, frames);
  }
}
