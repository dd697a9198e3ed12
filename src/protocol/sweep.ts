import { z } from "zod";
import { Attention } from "./attention.ts";
import { FileChange } from "./change.ts";
import { SweepId, TaskId, WorkspaceId } from "./id.ts";
import { MAX_SWEEP_TASKS } from "./limit.ts";
import { Merge } from "./merge.ts";
import { Budget, MAX_NAME_LENGTH, Spent, Task, TaskRequest } from "./task.ts";
import { Workspace } from "./workspace.ts";

/**
 * Tasks that were handed over together. `of`: different `tasks`, or one prompt for several `models`, of whose results
 * one is `taken`: the first that is merged. `budget` is for all of them together; `timeoutMs` counts from `createdAt`;
 * `concurrent` is how many of them run at once.
 */
export const Sweep = z.object({
  id: SweepId,
  slug: z.string(),
  workspace: WorkspaceId,
  title: z.string(),
  of: z.enum(["tasks", "models"]),
  taken: TaskId.nullable(),
  budget: Budget.nullable(),
  timeoutMs: z.number().int().positive().nullable(),
  concurrent: z.number().int().positive().nullable(),
  createdAt: z.number(),
});
export type Sweep = z.infer<typeof Sweep>;

/**
 * A task of a sweep. `after` names tasks of the sweep, or slugs or ids of others. `line` is where it stands in the
 * caller's file, so that a fault is told there.
 */
export const SweepTaskRequest = TaskRequest.omit({
  environment: true,
  caller: true,
  fromSession: true,
  workspace: true,
}).extend({
  workspace: z.string().min(1).optional(),
  line: z.number().int().positive().optional(),
});
export type SweepTaskRequest = z.infer<typeof SweepTaskRequest>;

/** What a caller asks for; `workspace` is that of the tasks which name none, `caller` as in a TaskRequest. */
export const SweepRequest = z.strictObject({
  ...TaskRequest.pick({ environment: true, caller: true, fromSession: true, budget: true, timeoutMs: true })
    .shape,
  name: z.string().min(1).max(MAX_NAME_LENGTH).optional(),
  of: Sweep.shape.of.default("tasks"),
  workspace: z.string().min(1),
  concurrent: z.number().int().positive().optional(),
  tasks: z.array(SweepTaskRequest).min(1).max(MAX_SWEEP_TASKS),
});
export type SweepRequest = z.infer<typeof SweepRequest>;

/**
 * How a task stands, for reports: how long its attempts worked, the waits for people aside.
 * `changes` is null where nobody asked, or nothing can be compared. `merge` is its way through the queue since it ended.
 */
export const TaskStanding = z.object({
  task: Task,
  workedMs: z.number().nonnegative(),
  changes: z.array(FileChange).nullable(),
  merge: Merge.nullable(),
});
export type TaskStanding = z.infer<typeof TaskStanding>;

/** Work that waits for a person to merge it: where that has to pass a gate (`gated`), through the queue. */
export const ToMerge = z.object({ task: TaskId, gated: z.boolean() });
export type ToMerge = z.infer<typeof ToMerge>;

/**
 * What happened to some tasks: how they stand, the sweeps that they are of, all sums, whose work waits for a merge, and
 * what waits for a person. Rivals are to be merged until one of them is taken.
 */
export const Report = z.object({
  tasks: z.array(TaskStanding),
  sweeps: z.array(Sweep),
  spent: Spent,
  workedMs: z.number().nonnegative(),
  toMerge: z.array(ToMerge),
  attention: Attention,
});
export type Report = z.infer<typeof Report>;

/** A sweep as it stands. */
export const SweepDetail = Report.extend({ sweep: Sweep, workspace: Workspace });
export type SweepDetail = z.infer<typeof SweepDetail>;
