import { z } from "zod";
import { PlacedEvent, Position } from "./event.ts";
import { SessionId, TaskId } from "./id.ts";

/** What a client can follow: what waits for a human, one task, one session, all tasks without their transcripts, all. */
export const Topic = z.union([
  z.enum(["attention", "tasks", "*"]),
  z.templateLiteral(["task:", TaskId]),
  z.templateLiteral(["session:", SessionId]),
]);
export type Topic = z.infer<typeof Topic>;

/** Client to daemon on `GET /stream`. Without `after` the stream starts at the present. */
export const ToStream = z.strictObject({
  type: z.literal("subscribe"),
  topics: z.array(Topic).min(1).max(100),
  after: Position.optional(),
});
export type ToStream = z.infer<typeof ToStream>;

/**
 * Daemon to client. Every event after the asked position comes once and in order; where that cannot be kept (another
 * store, events no longer held) `reset` says so and names the position to read state at.
 */
export const FromStream = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), version: z.string(), position: Position }),
  z.object({ type: z.literal("subscribed"), position: Position }),
  PlacedEvent.extend({ type: z.literal("event") }),
  z.object({ type: z.literal("reset"), position: Position }),
  z.object({ type: z.literal("bye"), reason: z.string() }),
]);
export type FromStream = z.infer<typeof FromStream>;
