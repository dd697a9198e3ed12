import { z } from "zod";
import { FlagId, SessionId, TaskId } from "./id.ts";

/** Something urgent that a worker raised before it went on. */
export const Flag = z.object({
  id: FlagId,
  task: TaskId,
  session: SessionId,
  text: z.string(),
  raisedAt: z.number(),
  seenAt: z.number().nullable(),
});
export type Flag = z.infer<typeof Flag>;
