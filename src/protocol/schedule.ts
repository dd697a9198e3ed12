import { z } from "zod";
import { MessageId, ScheduleId, SessionId, TaskId, WorkspaceId } from "./id.ts";
import { TaskRequest } from "./task.ts";
import { Words } from "./words.ts";

/** Schedules at the most. */
export const MAX_SCHEDULES = 500;
const MAX_PATTERN_LENGTH = 200;

/** What a schedule does at its time: it hands over a task, or sends a session a message. */
export const ScheduledAction = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("task"),
    request: TaskRequest.omit({ environment: true, caller: true, fromSession: true }),
  }),
  z.strictObject({ type: z.literal("message"), session: z.string().min(1), text: Words }),
]);
export type ScheduledAction = z.infer<typeof ScheduledAction>;

/** What became of the last time. */
export const ScheduledRun = z.object({
  due: z.number(),
  outcome: z.discriminatedUnion("type", [
    z.object({ type: z.literal("task"), task: TaskId }),
    z.object({ type: z.literal("message"), message: MessageId, session: SessionId }),
    /** The daemon did not run then, or the task of the time before is not over. */
    z.object({ type: z.literal("skipped"), because: z.enum(["missed", "overlap"]) }),
    /** `since`: the `due` of the first time in a row that failed with this message. */
    z.object({ type: z.literal("failed"), message: z.string(), since: z.number() }),
  ]),
});
export type ScheduledRun = z.infer<typeof ScheduledRun>;

/**
 * Work that begins by itself. `cron` is a pattern of five or six fields, or one date and time (ISO 8601); `timeZone` is
 * an IANA name. `missed`: what of a time at which no daemon ran, `once` makes up for it. `overlap`: whether a task may
 * begin while the one before still runs. `workspace` is where its work begins; null: not known yet. `next` in
 * milliseconds; null: never again.
 */
export const Schedule = z.object({
  id: ScheduleId,
  name: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  missed: z.enum(["skip", "once"]),
  overlap: z.enum(["skip", "allow"]),
  action: ScheduledAction,
  workspace: WorkspaceId.nullable(),
  enabled: z.boolean(),
  next: z.number().nullable(),
  last: ScheduledRun.nullable(),
  createdAt: z.number(),
});
export type Schedule = z.infer<typeof Schedule>;

export const ScheduleRequest = z.strictObject({
  name: z.string().min(1).max(80).optional(),
  cron: z.string().min(1).max(MAX_PATTERN_LENGTH),
  timeZone: z.string().min(1).max(MAX_PATTERN_LENGTH).optional(),
  missed: Schedule.shape.missed.default("once"),
  overlap: Schedule.shape.overlap.default("skip"),
  action: ScheduledAction,
});
export type ScheduleRequest = z.infer<typeof ScheduleRequest>;
