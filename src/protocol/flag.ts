import { z } from "zod";
import { FlagId, SessionId, TaskId } from "./id.ts";

/** Something urgent that a worker raised before it went on, or that was seen of it and an `other` task together. */
export const Flag = z.object({
  id: FlagId,
  task: TaskId,
  session: SessionId,
  other: TaskId.optional(),
  text: z.string(),
  raisedAt: z.number(),
  seenAt: z.number().nullable(),
});
export type Flag = z.infer<typeof Flag>;
