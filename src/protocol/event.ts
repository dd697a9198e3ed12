import { z } from "zod";
import { Approval } from "./approval.ts";
import { Flag } from "./flag.ts";
import { SessionId, TaskId } from "./id.ts";
import { Message } from "./message.ts";
import { Merge } from "./merge.ts";
import { Question } from "./question.ts";
import { Schedule } from "./schedule.ts";
import { Session } from "./session.ts";
import { Task } from "./task.ts";
import { TranscriptRecord } from "./transcript.ts";
import { Workspace } from "./workspace.ts";

/** What the daemon announces after each commit: the noun as it is now, or a line of a session's transcript. */
export const Event = z.discriminatedUnion("type", [
  z.object({ type: z.literal("workspace"), workspace: Workspace }),
  z.object({ type: z.literal("task"), task: Task }),
  z.object({ type: z.literal("session"), session: Session }),
  z.object({ type: z.literal("question"), question: Question }),
  z.object({ type: z.literal("approval"), approval: Approval }),
  z.object({ type: z.literal("flag"), flag: Flag }),
  z.object({ type: z.literal("message"), message: Message }),
  z.object({ type: z.literal("merge"), merge: Merge }),
  z.object({ type: z.literal("schedule"), schedule: Schedule, removed: z.boolean() }),
  z.object({
    type: z.literal("transcript"),
    session: SessionId,
    task: TaskId.nullable(),
    record: TranscriptRecord,
  }),
]);
export type Event = z.infer<typeof Event>;

/** A place in the daemon's stream. `store` names the database: another store's numbers mean nothing here. */
export const Position = z.object({ store: z.string(), seq: z.number().int().nonnegative() });
export type Position = z.infer<typeof Position>;

export const PlacedEvent = z.object({ position: Position, at: z.number(), event: Event });
export type PlacedEvent = z.infer<typeof PlacedEvent>;
