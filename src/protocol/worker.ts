import { z } from "zod";
import { MAX_QUESTION_BYTES } from "./question.ts";
import { PlanMark } from "./plan.ts";

/** The whole of Dispatch that a worker can reach: the tools of `dispatch mcp --worker`, by name. */
export const WorkerCall = z.discriminatedUnion("tool", [
  z.strictObject({
    tool: z.literal("ask"),
    question: z.string().min(1).max(MAX_QUESTION_BYTES),
    options: z.array(z.string()).max(20).default([]),
  }),
  z.strictObject({ tool: z.literal("flag"), text: z.string().min(1).max(MAX_QUESTION_BYTES) }),
  z.strictObject({
    tool: z.literal("plan_update"),
    items: z
      .array(
        z.strictObject({
          item: z.union([z.number().int().positive(), z.string().min(1)]),
          mark: PlanMark,
          note: z.string().optional(),
        }),
      )
      .min(1)
      .max(200),
  }),
  z.strictObject({
    tool: z.literal("finish"),
    summary: z.string().min(1).max(MAX_QUESTION_BYTES),
    files: z.array(z.string()).max(1_000).default([]),
  }),
]);
export type WorkerCall = z.infer<typeof WorkerCall>;

/** Worker tool server to host, one JSON document a line; `id` is the caller's and comes back. */
export const ToWorkerDesk = z.object({ id: z.number().int(), call: WorkerCall });
export type ToWorkerDesk = z.infer<typeof ToWorkerDesk>;

/** Host to worker tool server. `parked`: nobody answered within `ASK_WAIT_MS`; the answer comes as the next prompt. */
export const FromWorkerDesk = z.discriminatedUnion("type", [
  z.object({ type: z.literal("done"), id: z.number().int(), text: z.string() }),
  z.object({ type: z.literal("parked"), id: z.number().int(), text: z.string() }),
  z.object({ type: z.literal("refused"), id: z.number().int(), message: z.string() }),
]);
export type FromWorkerDesk = z.infer<typeof FromWorkerDesk>;

/** Products give up on a silent tool call after 60 to 300 seconds; the shortest limit seen leaves room for this. */
export const ASK_WAIT_MS = 20_000;
