import type { ServerWebSocket } from "bun";
import { VERSION } from "../../base/version.ts";
import type { PlacedEvent, Position } from "../../protocol/event.ts";
import { type FromStream, type Topic, ToStream } from "../../protocol/stream.ts";
import { eventRange, readEvents } from "../../store/event.ts";
import { isFollowed, marksOf } from "../../store/topic.ts";
import type { Ledger } from "../commit.ts";

/** Bytes that may wait for a client that follows the present; one that falls further behind is let go. */
export const MAX_WAITING_BYTES = 1024 * 1024;
/** Events read from the store at once while a client catches up. */
const PAGE_EVENTS = 250;
/** WebSocket close codes (RFC 6455, section 7.4.1). */
const CLOSE = { normal: 1000, goingAway: 1001, policy: 1008 } as const;

/** `catching-up` clients read the store at their own pace; `live` ones get each commit. `over`: said goodbye. */
type Phase = "new" | "catching-up" | "live" | "over";

/** One client of the stream. It has one subscription; who wants another one connects again. */
export class StreamClient {
  readonly #ledger: Ledger;
  readonly #report: (error: unknown) => void;
  #socket: ServerWebSocket<StreamClient> | null = null;
  #phase: Phase = "new";
  #topics: readonly Topic[] = [];
  #drained: (() => void) | null = null;

  constructor(ledger: Ledger, report: (error: unknown) => void) {
    this.#ledger = ledger;
    this.#report = report;
  }

  opened(socket: ServerWebSocket<StreamClient>): void {
    this.#socket = socket;
    this.#send({ type: "hello", version: VERSION, position: this.#ledger.position() });
  }

  received(message: string | Buffer): void {
    if (this.#phase === "over") return;
    if (this.#phase !== "new") return this.bye("already subscribed");
    const frame = parseFrame(message);
    if (!frame) return this.bye("not a frame of this protocol");
    this.#topics = frame.topics;
    this.#phase = "catching-up";
    this.#catchUp(this.#begin(frame.after)).catch((error: unknown) => {
      this.#report(error);
      this.bye("internal error");
    });
  }

  /** Sends what the client follows of a transaction. `frames` makes each event's text once for all clients. */
  committed(events: readonly PlacedEvent[], frames: (index: number) => string): void {
    if (this.#phase !== "live") return;
    for (const [index, { event }] of events.entries()) {
      const marks = marksOf(event);
      if (this.#topics.some((topic) => isFollowed(topic, marks))) this.#socket?.send(frames(index));
    }
    if (this.#waitingBytes() > MAX_WAITING_BYTES) this.bye("too slow");
  }

  /** The socket can take more. */
  drained(): void {
    this.#drained?.();
  }

  closed(): void {
    this.#phase = "over";
    this.#socket = null;
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

  /** @returns the number after which events are sent */
  #begin(after: Position | undefined): number {
    const now = this.#ledger.position();
    const { oldest } = eventRange(this.#ledger.db);
    const held = !after || (after.store === now.store && after.seq >= oldest && after.seq <= now.seq);
    const position = held && after ? after : now;
    if (!held) this.#send({ type: "reset", position });
    this.#send({ type: "subscribed", position });
    return position.seq;
  }

  /** Reads the store until there is nothing left, and is live in that same moment: no commit can come between. */
  async #catchUp(from: number): Promise<void> {
    let after = from;
    while (this.#phase === "catching-up") {
      const events = readEvents(this.#ledger.db, { after, topics: this.#topics, limit: PAGE_EVENTS });
      for (const placed of events) this.#send({ type: "event", ...placed });
      if (events.length < PAGE_EVENTS) {
        this.#phase = "live";
        return;
      }
      after = events.at(-1)!.position.seq;
      await this.#room();
    }
  }

  /** Resolves when the socket has sent what it holds; lets others have their turn in any case. */
  async #room(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#phase === "catching-up" && this.#waitingBytes() > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drained = resolve;
      await promise;
    }
    this.#drained = null;
  }

  #waitingBytes(): number {
    return this.#socket?.getBufferedAmount() ?? 0;
  }

  #send(frame: FromStream): void {
    this.#socket?.send(JSON.stringify(frame));
  }
}

function parseFrame(message: string | Buffer): ToStream | null {
  if (typeof message !== "string") return null;
  let document: unknown;
  try {
    document = JSON.parse(message);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return ToStream.safeParse(document).data ?? null;
}
