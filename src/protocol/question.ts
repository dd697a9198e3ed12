import { z } from "zod";
import { QuestionId, SessionId, TaskId } from "./id.ts";

export const QuestionStatus = z.discriminatedUnion("state", [
  z.object({ state: z.literal("open") }),
  z.object({ state: z.literal("answered"), text: z.string(), at: z.number() }),
  z.object({ state: z.literal("withdrawn"), at: z.number() }),
]);
export type QuestionStatus = z.infer<typeof QuestionStatus>;

/**
 * A worker asks, a human or the orchestrating session answers, once.
 * `via` says how the answer goes back: through the worker's tool, through `ipc/NNN.answer`, or as its next prompt
 * (the item of the plan that stands at `[?]`). `budget`, `sweep-budget`: nobody but Dispatch asks, whether the
 * task, or its sweep, may use more; one answer is for all tasks of the sweep.
 */
export const Question = z.object({
  id: QuestionId,
  task: TaskId,
  session: SessionId,
  attempt: z.number().int().positive(),
  text: z.string(),
  options: z.array(z.string()),
  via: z.enum(["tool", "file", "plan", "budget", "sweep-budget"]),
  status: QuestionStatus,
  askedAt: z.number(),
});
export type Question = z.infer<typeof Question>;
