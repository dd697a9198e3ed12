import type { WebSocketHandler } from "bun";
import type { PlacedEvent } from "../../protocol/event.ts";
import type { Ledger } from "../commit.ts";
import type { Log } from "../log.ts";
import { MAX_WAITING_BYTES, STALL_MS, StreamClient } from "./stream-client.ts";

/** Clients that may follow the stream at once. */
const MAX_STREAM_CLIENTS = 500;
/** A frame from a client at the most: a hundred topics fit well. */
export const MAX_CLIENT_FRAME_BYTES = 16 * 1024;
/** A client that answers no ping for this long is gone. Pings are sent in time by the server itself. */
const SILENCE_S = 60;
/** Where the socket itself gives a client up: far above what one page of the store, or one commit, puts on top of ours. */
const SOCKET_LIMIT_BYTES = 64 * MAX_WAITING_BYTES;

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
    return this.#clients.size < MAX_STREAM_CLIENTS ? new StreamClient(this.#ledger, this.#options) : null;
  }

  /** What Bun.serve calls for each connection. */
  handler(): WebSocketHandler<StreamClient> {
    return {
      idleTimeout: SILENCE_S,
      sendPings: true,
      maxPayloadLength: MAX_CLIENT_FRAME_BYTES,
      backpressureLimit: SOCKET_LIMIT_BYTES,
      closeOnBackpressureLimit: true,
      open: (socket) => {
        this.#clients.add(socket.data);
        socket.data.opened(socket);
      },
      message: (socket, message) => socket.data.received(message),
      drain: (socket) => socket.data.drained(),
      close: (socket) => {
        this.#clients.delete(socket.data);
        socket.data.closed();
      },
    };
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
