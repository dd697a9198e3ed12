import { z } from "zod";
import { MessageId, ScheduleId, SessionId, TaskId } from "./id.ts";
import { MAX_NAME_LENGTH } from "./task.ts";
import { Images } from "./image.ts";
import { ProcessMark } from "./outside.ts";
import { Words } from "./words.ts";

/** `queue`: it is told when the turns before it are over. `steer`: the running turn is cancelled, and it is told next. */
export const MessageMode = z.enum(["queue", "steer"]);
export type MessageMode = z.infer<typeof MessageMode>;

/**
 * Who sends a message. `name` is what that session or schedule was called then, and what an `agent` that is in no
 * session that is known calls itself. `tasks`: Dispatch itself, with what happened to the tasks of the session.
 */
export const Sender = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("person") }),
  z.object({ kind: z.literal("session"), session: SessionId, name: z.string() }),
  z.object({ kind: z.literal("schedule"), schedule: ScheduleId, name: z.string() }),
  z.object({ kind: z.literal("agent"), name: z.string() }),
  z.object({ kind: z.literal("tasks") }),
]);
export type Sender = z.infer<typeof Sender>;

/**
 * `uncertain`: it was told to an agent that died, so nobody knows if it was taken. `unconfirmed`: the agent lives, and
 * has not said that it took it; if it still does, the message is `consumed`. `permissions`: its sender may do less than
 * its receiver.
 */
export const HoldReason = z.enum(["uncertain", "unconfirmed", "permissions"]);
export type HoldReason = z.infer<typeof HoldReason>;

/**
 * How far a message is. `accepted` (on disk, next to be told) or `queued` (others come first; `position` 1 is the next)
 * → `delivered` (the agent was told) → `consumed` (it took it: its first output of that turn, or the turn's end).
 * `held` waits for a person, out of the queue; `refused` and `expired` were never told.
 */
export const Receipt = z.discriminatedUnion("state", [
  z.object({ state: z.literal("accepted") }),
  z.object({ state: z.literal("queued"), position: z.number().int().positive() }),
  z.object({ state: z.literal("delivered") }),
  z.object({ state: z.literal("consumed") }),
  z.object({ state: z.literal("held"), because: HoldReason }),
  z.object({ state: z.literal("refused"), reason: z.string() }),
  z.object({ state: z.literal("expired") }),
]);
export type Receipt = z.infer<typeof Receipt>;

/** What a person says of a held message. */
export const MessageVerdict = z.enum(["release", "refuse"]);
export type MessageVerdict = z.infer<typeof MessageVerdict>;

/**
 * Text for a live session, with a receipt. Messages of one session are told in the order in which they came, each as a
 * turn of its own; steering ones go first. `text` is its beginning (MAX_MESSAGE_SHOWN characters) in lists and events,
 * and all of it where one message is read; `chain` are the sessions that it came through, its sender last. A position
 * is that of the telling: it moves up with every message before it. `endedAt` is when the turn that it began was over;
 * `images` is how many go with it.
 */
export const Message = z.object({
  id: MessageId,
  session: SessionId,
  task: TaskId.nullable(),
  text: z.string(),
  bytes: z.number().int().nonnegative(),
  images: z.number().int().positive().optional(),
  mode: MessageMode,
  from: Sender,
  chain: z.array(SessionId),
  receipt: Receipt,
  decision: z.object({ verdict: MessageVerdict, reason: z.string().optional(), at: z.number() }).nullable(),
  acceptedAt: z.number(),
  expiresAt: z.number().nullable(),
  deliveredAt: z.number().nullable(),
  consumedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
});
export type Message = z.infer<typeof Message>;

/**
 * An agent outside that sends something: what its product calls itself, and a process that it started. By that the
 * session that it is in is found.
 */
export const OutsideAgent = z.strictObject({
  name: z.string().min(1).max(MAX_NAME_LENGTH),
  process: ProcessMark,
});

/**
 * What a sender asks for. `fromSession`: the session whose agent sends it (the one in its DISPATCH_RUN); `fromAgent`:
 * an agent outside does; absent: a person, or the `schedule` that sends it at its time. `expiresInMs`: not told any more after that. `environment` serves an agent that is started for it.
 */
export const MessageRequest = z.strictObject({
  text: Words,
  images: Images.optional(),
  mode: MessageMode.default("queue"),
  fromSession: SessionId.optional(),
  fromAgent: OutsideAgent.optional(),
  schedule: ScheduleId.optional(),
  expiresInMs: z.number().int().positive().optional(),
  environment: z.record(z.string(), z.string()).optional(),
});
export type MessageRequest = z.infer<typeof MessageRequest>;
