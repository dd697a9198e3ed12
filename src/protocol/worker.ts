import { z } from "zod";
import { MAX_PLAN_ITEMS, MAX_QUESTION_BYTES } from "./limit.ts";
import { PlanMark } from "./plan.ts";

const MAX_OPTIONS = 20;
const MAX_FILES = 1_000;
const MAX_OPTION_CHARS = 1_000;
const MAX_PATH_CHARS = 4_096;
const text = z.string().min(1).max(MAX_QUESTION_BYTES);

const PlanUpdate = z.strictObject({
  item: z.union([z.number().int().positive(), text]),
  mark: PlanMark,
  note: z.string().max(MAX_QUESTION_BYTES).optional(),
});

/** The whole of Dispatch that a worker can reach: the tools of `dispatch mcp --worker`, with what each one takes. */
export const WORKER_TOOLS = {
  ask: z.strictObject({
    question: text,
    options: z.array(z.string().max(MAX_OPTION_CHARS)).max(MAX_OPTIONS).default([]),
  }),
  flag: z.strictObject({ text }),
  plan_update: z.strictObject({ items: z.array(PlanUpdate).min(1).max(MAX_PLAN_ITEMS) }),
  finish: z.strictObject({
    summary: text,
    files: z.array(z.string().max(MAX_PATH_CHARS)).max(MAX_FILES).default([]),
  }),
};

/** A call of one of them. */
export const WorkerCall = z.discriminatedUnion("tool", [
  WORKER_TOOLS.ask.extend({ tool: z.literal("ask") }),
  WORKER_TOOLS.flag.extend({ tool: z.literal("flag") }),
  WORKER_TOOLS.plan_update.extend({ tool: z.literal("plan_update") }),
  WORKER_TOOLS.finish.extend({ tool: z.literal("finish") }),
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
