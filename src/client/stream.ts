import { DispatchError } from "../base/error.ts";
import type { PlacedEvent, Position } from "../protocol/event.ts";
import type { FromStream, Topic, ToStream } from "../protocol/stream.ts";

/**
 * An event, each one once and in order; or `reset`: read the state now, every change after it comes as an event. A stream
 * without `after` starts with one; a later one says that events were lost.
 */
export type StreamItem = ({ type: "event" } & PlacedEvent) | { type: "reset"; position: Position };

export interface StreamOptions {
  socket: string;
  topics: Topic[];
  /** The last position that is known; without it the stream starts at the present. */
  after?: Position;
  /** Ends the stream without an error. */
  signal?: AbortSignal;
  /** Brings back a daemon that went away without saying `bye`. */
  revive?: () => Promise<void>;
}

/** Events that wait for a slow reader; past it the connection is dropped and taken up again where the reader stands. */
const MAX_WAITING_EVENTS = 10_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;
/** Attempts in a row without an answer, before the stream gives up: about half a minute. */
const MAX_SILENT_ATTEMPTS = 20;

/**
 * Follows the daemon's stream over lost connections and restarts of the daemon.
 * @throws DispatchError `unavailable` when no daemon comes back
 */
export async function* followStream(options: StreamOptions): AsyncGenerator<StreamItem> {
  let after = options.after;
  let silent = 0;
  while (!options.signal?.aborted) {
    const connection = new Connection(options, after);
    try {
      for await (const frame of connection) {
        silent = 0;
        if (frame.type === "hello" || frame.type === "bye") continue;
        if (frame.type === "subscribed") {
          if (after) continue;
          after = frame.position;
          yield { type: "reset", position: after };
          continue;
        }
        if (frame.type === "event" && isSeen(frame.position, after)) continue;
        after = frame.position;
        yield frame;
      }
    } finally {
      connection.close();
    }
    if (options.signal?.aborted) return;
    if (!connection.saidBye) await options.revive?.();
    if (++silent > MAX_SILENT_ATTEMPTS)
      throw new DispatchError("unavailable", "the daemon went away and did not come back", {
        hint: "dispatch daemon start",
      });
    await pause(Math.min(FIRST_RETRY_MS * 2 ** silent, LONGEST_RETRY_MS), options.signal);
  }
}

function isSeen(position: Position, after: Position | undefined): boolean {
  return after !== undefined && position.store === after.store && position.seq <= after.seq;
}

/** One connection's frames, until it ends for whatever reason. */
class Connection implements AsyncIterable<FromStream> {
  readonly #socket: WebSocket;
  readonly #waiting: FromStream[] = [];
  #wake: (() => void) | null = null;
  #open = true;
  saidBye = false;

  constructor(options: StreamOptions, after: Position | undefined) {
    const subscribe: ToStream = { type: "subscribe", topics: options.topics, ...(after ? { after } : {}) };
    this.#socket = new WebSocket(`ws+unix://${options.socket}:/stream`);
    this.#socket.addEventListener("open", () => this.#socket.send(JSON.stringify(subscribe)));
    this.#socket.addEventListener("message", ({ data }) =>
      this.#take(JSON.parse(String(data)) as FromStream),
    );
    this.#socket.addEventListener("error", () => this.#end());
    this.#socket.addEventListener("close", () => this.#end());
    options.signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FromStream> {
    while (true) {
      const frame = this.#waiting.shift();
      if (frame) yield frame;
      else if (this.#open) await new Promise<void>((resolve) => (this.#wake = resolve));
      else return;
    }
  }

  close(): void {
    this.#end();
    this.#socket.close();
  }

  #take(frame: FromStream): void {
    if (!this.#open) return;
    if (frame.type === "bye") this.saidBye = true;
    this.#waiting.push(frame);
    if (this.#waiting.length > MAX_WAITING_EVENTS) this.close();
    this.#wake?.();
  }

  #end(): void {
    this.#open = false;
    this.#wake?.();
  }
}

/** The time between two attempts to connect; it decides nothing but how often we knock. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => {
    clearTimeout(timer);
    resolve();
  };
  signal?.addEventListener("abort", stop, { once: true });
  await promise;
  signal?.removeEventListener("abort", stop);
}
