import { z } from "zod";
import { Attention } from "./attention.ts";
import { FileChange } from "./change.ts";
import { SweepId, TaskId, WorkspaceId } from "./id.ts";
import { MAX_SWEEP_TASKS } from "./limit.ts";
import { Budget, MAX_NAME_LENGTH, Spent, Task, TaskRequest } from "./task.ts";
import { Workspace } from "./workspace.ts";

/**
 * Tasks that were handed over together. `of`: different `tasks`, or one prompt for several `models`, of whose results
 * one is taken. `budget` is for all of them together; `timeoutMs` counts from `createdAt`; `concurrent` is how many of
 * them run at once.
 */
export const Sweep = z.object({
  id: SweepId,
  slug: z.string(),
  workspace: WorkspaceId,
  title: z.string(),
  of: z.enum(["tasks", "models"]),
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
 * `changes` is null where nobody asked, or nothing can be compared.
 */
export const TaskStanding = z.object({
  task: Task,
  workedMs: z.number().nonnegative(),
  changes: z.array(FileChange).nullable(),
});
export type TaskStanding = z.infer<typeof TaskStanding>;

/** What happened to some tasks: how they stand, all sums, whose work waits for a merge, and what waits for a person. */
export const Report = z.object({
  tasks: z.array(TaskStanding),
  spent: Spent,
  workedMs: z.number().nonnegative(),
  toMerge: z.array(TaskId),
  attention: Attention,
});
export type Report = z.infer<typeof Report>;

/** A sweep as it stands. */
export const SweepDetail = Report.extend({ sweep: Sweep, workspace: Workspace });
export type SweepDetail = z.infer<typeof SweepDetail>;
