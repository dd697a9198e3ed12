import type { ServerWebSocket } from "bun";
import { VERSION } from "../../base/version.ts";
import type { Position } from "../../protocol/event.ts";
import { type FromStream, type Topic, ToStream } from "../../protocol/stream.ts";
import { eventRange, readEventTexts } from "../../store/event.ts";
import { isFollowed, type Marks } from "../../store/topic.ts";
import type { Ledger } from "../commit.ts";
import type { Log } from "../log.ts";
import { CLOSE, type SocketClient } from "./socket-client.ts";

/** Bytes that may wait for a client; one that falls further behind is fed from the store, as fast as it reads. */
export const MAX_WAITING_BYTES = 1024 * 1024;
/** How long a client may take nothing of what waits for it, before it is let go. */
export const STALL_MS = 20_000;
/** Events read from the store at once while a client catches up. */
const PAGE_EVENTS = 250;
/** A frame from a client at the most: a hundred topics fit well. */
export const MAX_CLIENT_FRAME_BYTES = 16 * 1024;

/** `catching-up` clients are fed from the store; `live` ones get each commit. `over`: it was said goodbye. */
type Phase = "new" | "catching-up" | "live" | "over";

/** A committed event as it goes out to whoever follows it. `frame` is made once. */
export interface Outgoing {
  readonly seq: number;
  readonly marks: Marks;
  frame(): string;
}

export interface StreamClientOptions {
  readonly log: Log;
  readonly stallMs: number;
  /** The connection is open. */
  came(): void;
  left(): void;
}

/** One client of the stream. It has one subscription; who wants another one connects again. */
export class StreamClient implements SocketClient {
  readonly #ledger: Ledger;
  readonly #options: StreamClientOptions;
  #socket: ServerWebSocket<SocketClient> | null = null;
  #phase: Phase = "new";
  #topics: readonly Topic[] = [];
  /** Everything up to this number was sent, or is not followed. */
  #through = 0;
  #drained: (() => void) | null = null;

  constructor(ledger: Ledger, options: StreamClientOptions) {
    this.#ledger = ledger;
    this.#options = options;
  }

  opened(socket: ServerWebSocket<SocketClient>): void {
    this.#socket = socket;
    this.#options.came();
    this.#send({ type: "hello", version: VERSION, position: this.#ledger.position() });
  }

  received(message: string | Buffer): void {
    if (this.#phase === "over") return;
    if (this.#phase !== "new") return this.bye("already subscribed");
    const frame = parseFrame(message);
    if (!frame) return this.bye("not a frame of this protocol");
    this.#topics = frame.topics;
    this.#begin(frame.after);
    this.#catchUp();
  }

  /** Sends what the client follows of a transaction. */
  committed(events: readonly Outgoing[]): void {
    if (this.#phase !== "live") return;
    const followed = events.filter(({ marks }) => this.#topics.some((topic) => isFollowed(topic, marks)));
    this.#sendAll(followed.map((each) => each.frame()));
    this.#through = events.at(-1)!.seq;
    if (this.#waitingBytes() > MAX_WAITING_BYTES) this.#catchUp();
  }

  /** The socket can take more. */
  drained(): void {
    this.#drained?.();
  }

  closed(): void {
    this.#phase = "over";
    this.#socket = null;
    this.#options.left();
    this.#drained?.();
  }

  /** Says why, and closes once that is sent. */
  bye(reason: string, code: number = CLOSE.policy): void {
    if (this.#phase === "over") return;
    this.#send({ type: "bye", reason });
    this.#phase = "over";
    this.#socket?.close(code, reason);
    this.#drained?.();
  }

  leave(): void {
    this.bye("the daemon stops", CLOSE.goingAway);
  }

  #begin(after: Position | undefined): void {
    const now = this.#ledger.position();
    const { oldest } = eventRange(this.#ledger.db);
    const held = !after || (after.store === now.store && after.seq >= oldest && after.seq <= now.seq);
    const position = held && after ? after : now;
    if (!held) this.#send({ type: "reset", position });
    this.#send({ type: "subscribed", position });
    this.#through = position.seq;
  }

  #catchUp(): void {
    this.#phase = "catching-up";
    this.#readStore().catch((error: unknown) => {
      this.#options.log.error("stream-failed", { error });
      this.bye("internal error");
    });
  }

  /** Reads the store until there is nothing left, and is live in that same moment: no commit can come between. */
  async #readStore(): Promise<void> {
    while (await this.#room()) {
      const options = { after: this.#through, topics: this.#topics, limit: PAGE_EVENTS };
      const events = readEventTexts(this.#ledger.db, options);
      this.#sendAll(events.map(({ text }) => eventFrame(text)));
      this.#through = events.at(-1)?.seq ?? this.#through;
      if (events.length < PAGE_EVENTS) {
        this.#phase = "live";
        return; // at once: a commit may make it fall behind again, and then another reading begins
      }
    }
  }

  /** True when the socket has sent what it held; false when the client is gone, or let go. Others have their turn. */
  async #room(): Promise<boolean> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#phase === "catching-up" && this.#waitingBytes() > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drained = resolve;
      const stalled = setTimeout(() => this.#giveUp(), this.#options.stallMs);
      await promise;
      clearTimeout(stalled);
    }
    this.#drained = null;
    return this.#phase === "catching-up";
  }

  #giveUp(): void {
    this.bye("too slow");
    this.#options.log.warn("stream-client-too-slow");
  }

  #waitingBytes(): number {
    return this.#socket?.getBufferedAmount() ?? 0;
  }

  #send(frame: FromStream): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** As few writes as the frames fit into. */
  #sendAll(frames: readonly string[]): void {
    const socket = this.#socket;
    if (frames.length === 0) return;
    socket?.cork(() => {
      for (const frame of frames) socket.send(frame);
    });
  }
}

/** The frame of an event. @param placed a PlacedEvent as JSON */
export function eventFrame(placed: string): string {
  return `{"type":"event",${placed.slice(1)}`;
}

function parseFrame(message: string | Buffer): ToStream | null {
  if (typeof message !== "string" || message.length > MAX_CLIENT_FRAME_BYTES) return null;
  let document: unknown;
  try {
    document = JSON.parse(message);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return ToStream.safeParse(document).data ?? null;
}
