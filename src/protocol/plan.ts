import { z } from "zod";

/** `[ ]` open, `[x]` done, `[?]` blocked, `[!]` error: the four marks of `plan.md`. */
export const PlanMark = z.enum(["open", "done", "blocked", "error"]);
export type PlanMark = z.infer<typeof PlanMark>;

/** A finer step of an item: what an agent's own todo list holds beside the items it was given. */
export const PlanStep = z.object({ text: z.string(), mark: PlanMark });
export type PlanStep = z.infer<typeof PlanStep>;

/**
 * A line of the checklist. `given`: it came with the task, so no agent may remove or reword it.
 * `notes` are the lines under it, without their indent.
 */
export const PlanItem = z.object({
  text: z.string(),
  mark: PlanMark,
  given: z.boolean(),
  notes: z.array(z.string()),
  steps: z.array(PlanStep),
});
export type PlanItem = z.infer<typeof PlanItem>;

/** `notes` stand above the first item: dispatcher notes to the whole task, and what the worker wrote there. */
export const Plan = z.object({ items: z.array(PlanItem), notes: z.array(z.string()) });
export type Plan = z.infer<typeof Plan>;
