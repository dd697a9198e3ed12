import { z } from "zod";
import { MergeId, TaskId } from "./id.ts";

/** The repository that it happened in, of a task that works in several. */
const place = z.string().optional();

/**
 * Both sides changed the same places. `onto` is where the target branch stood; `ours` are its commits since the two
 * parted and `theirs` the task's, newest first, one line each.
 */
export const MergeConflict = z.object({
  kind: z.literal("conflict"),
  place,
  onto: z.string(),
  files: z.array(z.string()),
  ours: z.array(z.string()),
  theirs: z.array(z.string()),
});
export type MergeConflict = z.infer<typeof MergeConflict>;

/** A command of the setup or the gate failed on the task's work on top of `onto`. `output` is the end of what it said. */
export const GateFailure = z.object({
  kind: z.literal("gate"),
  place,
  onto: z.string(),
  command: z.string(),
  exitCode: z.number().int(),
  timedOut: z.boolean(),
  output: z.string(),
});
export type GateFailure = z.infer<typeof GateFailure>;

/**
 * `waiting` → `rebasing` → `gating` → `merged`. What goes wrong is `resolving` while the task's worker is at it, after
 * which the merge waits again; else it ends as `conflict` or `gate-failed`. `refused`: git or the checkout's state did
 * not allow it. `merged`: the target branch has the work, and stood at `commit` then.
 */
export const MergeStatus = z.discriminatedUnion("state", [
  z.object({ state: z.literal("waiting"), since: z.number() }),
  z.object({ state: z.literal("rebasing"), since: z.number() }),
  z.object({ state: z.literal("gating"), since: z.number(), commit: z.string() }),
  z.object({
    state: z.literal("resolving"),
    since: z.number(),
    trouble: z.discriminatedUnion("kind", [MergeConflict, GateFailure]),
  }),
  z.object({ state: z.literal("merged"), since: z.number(), commit: z.string() }),
  z.object({ state: z.literal("conflict"), since: z.number(), trouble: MergeConflict }),
  z.object({ state: z.literal("gate-failed"), since: z.number(), trouble: GateFailure }),
  z.object({
    state: z.literal("refused"),
    since: z.number(),
    message: z.string(),
    hint: z.string().optional(),
  }),
  z.object({ state: z.literal("canceled"), since: z.number() }),
]);
export type MergeStatus = z.infer<typeof MergeStatus>;

/**
 * A task's place in the merge queue. `repository` is its common git folder: merges of one repository and target are
 * done one after the other. `also` are the further repositories of the task, which land with the first or not at all.
 * `handbacks` counts how often its worker got it back; `handback`: whether it may.
 */
export const Merge = z.object({
  id: MergeId,
  task: TaskId,
  slug: z.string(),
  repository: z.string(),
  target: z.string(),
  also: z.array(z.object({ name: z.string(), repository: z.string(), target: z.string() })),
  handback: z.boolean(),
  handbacks: z.number().int().nonnegative(),
  status: MergeStatus,
  createdAt: z.number(),
});
export type Merge = z.infer<typeof Merge>;
