import type { Client } from "../client/client.ts";
import type { StreamItem } from "../client/stream.ts";
import type { Position } from "../protocol/event.ts";
import type { Topic } from "../protocol/stream.ts";

/** The daemon as a face of another program's wire sees it: what every client has, and nothing more. */
export interface Core {
  readonly client: Client;
  /** Every event after a position, in order, until the signal. */
  follow(topics: Topic[], after: Position, signal: AbortSignal): AsyncIterable<StreamItem>;
}

/** A face that is open. */
export interface Face {
  /** Takes no more calls; open connections are told that the daemon goes. Idempotent. */
  close(): Promise<void>;
}
