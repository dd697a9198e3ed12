import { z } from "zod";
import { QuestionId, SessionId, SweepId, TaskId, WorkspaceId } from "./id.ts";
import { Listener } from "./notice.ts";
import { Permissions } from "./permission.ts";
import { Plan } from "./plan.ts";
import { Thinking } from "./thinking.ts";
import { Words } from "./words.ts";

export const MAX_NAME_LENGTH = 80;
const MAX_BUDGET_LENGTH = 60;

/** Why a task failed: a closed set, so that a program can act on it. */
export const FailureReason = z.enum([
  "agent-error",
  "incomplete",
  "timeout",
  "budget",
  "expired",
  "lost",
  "setup",
]);
export type FailureReason = z.infer<typeof FailureReason>;

/** What a task left behind: the worker's own summary and the files it changed; of several repositories, below their names. */
export const TaskResult = z.object({ summary: z.string(), files: z.array(z.string()) });
export type TaskResult = z.infer<typeof TaskResult>;

/** What kept an attempt from working: its agent (missing, without a login, at a limit), or only the model. */
const Unusable = z.enum(["agent", "model"]);

/** How an attempt ends; the terminal task states of A2A. */
export const Outcome = z.discriminatedUnion("state", [
  z.object({ state: z.literal("completed"), result: TaskResult }),
  z.object({
    state: z.literal("failed"),
    reason: FailureReason,
    message: z.string(),
    hint: z.string().optional(),
    unusable: Unusable.optional(),
    /** Models that can start on this machine where this one could not. */
    instead: z.array(z.string()).optional(),
    result: TaskResult.nullable(),
  }),
  z.object({ state: z.literal("canceled"), result: TaskResult.nullable() }),
]);
export type Outcome = z.infer<typeof Outcome>;

/**
 * The task states of A2A. `working` and `input-required` may carry an `ending`: the outcome that is decided and will be
 * told once nothing of the run is left (`canceled` there is what users see as "canceling").
 */
export const TaskStatus = z.discriminatedUnion("state", [
  z.object({ state: z.literal("submitted"), since: z.number() }),
  z.object({ state: z.literal("working"), since: z.number(), ending: Outcome.nullable() }),
  z.object({
    state: z.literal("input-required"),
    since: z.number(),
    questions: z.array(QuestionId).min(1),
    ending: Outcome.nullable(),
  }),
  z.object({ state: z.literal("completed"), since: z.number(), result: TaskResult }),
  z.object({
    state: z.literal("failed"),
    since: z.number(),
    reason: FailureReason,
    message: z.string(),
    hint: z.string().optional(),
    unusable: Unusable.optional(),
    instead: z.array(z.string()).optional(),
    result: TaskResult.nullable(),
  }),
  z.object({ state: z.literal("canceled"), since: z.number(), result: TaskResult.nullable() }),
  z.object({ state: z.literal("rejected"), since: z.number(), message: z.string() }),
]);
export type TaskStatus = z.infer<typeof TaskStatus>;

/**
 * The model a task runs on. `name` is the config's word, `agent` the product, `id` what the product calls the model
 * (null: its own default), `role` the alias's prompt.
 */
export const ModelChoice = z.object({
  name: z.string(),
  agent: z.string(),
  id: z.string().nullable(),
  role: z.string().nullable(),
  because: z.enum(["flag", "prompt", "workspace", "default", "failover"]),
});
export type ModelChoice = z.infer<typeof ModelChoice>;

/**
 * The worktree a task runs in. `base` is the commit it started from, `target` the branch it is merged into by default.
 * `making`: its name is reserved; `removed`: its folder is gone, its branch only if that was merged.
 */
export const TaskWorktree = z.object({
  path: z.string(),
  branch: z.string(),
  base: z.string(),
  target: z.string().nullable(),
  state: z.enum(["making", "present", "merged", "removed"]),
});
export type TaskWorktree = z.infer<typeof TaskWorktree>;

/**
 * What a task has in a further workspace: the worktree there, or else the snapshot of its checkout. `name` is what it is
 * called beside the others: the folder of its worktree, and the beginning of its files' paths.
 */
export const TaskPlace = z.object({
  workspace: WorkspaceId,
  name: z.string(),
  worktree: TaskWorktree.nullable(),
  snapshot: z.string().nullable(),
});
export type TaskPlace = z.infer<typeof TaskPlace>;

/** Which waiting task gets the next free worker first; among equals, workspaces take turns. */
export const Priority = z.enum(["high", "normal", "low"]);
export type Priority = z.infer<typeof Priority>;

/**
 * What a task, or all tasks of a sweep together, may use before a person is asked: money in US dollars as the agents
 * report it, tokens in and out, and the time that its workers work, in milliseconds. Absent: without limit.
 */
export const Budget = z.strictObject({
  dollars: z.number().positive().optional(),
  tokens: z.number().int().positive().optional(),
  timeMs: z.number().int().positive().optional(),
});
export type Budget = z.infer<typeof Budget>;

/** What was used up, as the agents report it: US dollars, and tokens in and out. */
export const Spent = z.object({ dollars: z.number().nonnegative(), tokens: z.number().int().nonnegative() });
export type Spent = z.infer<typeof Spent>;

/**
 * What a task or a session used together with the tasks that were handed over from it, near or far, of which there are
 * so many. A session without a task has no working time of its own.
 */
export const Tree = z.object({
  tasks: z.number().int().nonnegative(),
  spent: Spent,
  workedMs: z.number().nonnegative(),
});
export type Tree = z.infer<typeof Tree>;

/**
 * A task whose agent ran into its provider's limit. It waits `since` then, until it is tried again; `at` is when the
 * agent said so last, `tries` how often it did in this wait, `message` its own words.
 */
export const Parked = z.object({
  limit: z.enum(["usage", "rate"]),
  message: z.string(),
  since: z.number(),
  at: z.number(),
  until: z.number(),
  tries: z.number().int().positive(),
});
export type Parked = z.infer<typeof Parked>;

/** A budget as people write it, such as `$5`, `200ktok`, `2h` or `$5 2h`; `core/budget.ts` reads it. */
export const BudgetText = z.string().min(1).max(MAX_BUDGET_LENGTH);

/** Text that a task takes along beside its prompt: constraints, and files by name with their content. */
export const TaskContext = z.object({
  text: z.string().nullable(),
  files: z.array(z.object({ path: z.string(), content: z.string() })),
});
export type TaskContext = z.infer<typeof TaskContext>;

/**
 * One run of a task; its end is final. `nudges` counts the reminders that items are open, `resumes` the times its dead
 * agent was brought back without being asked, `stalls` those that it was found to hang since it last ended a turn;
 * `waitedMs` is the time spent waiting for people and for limits, which nothing counts as work, and `waitingSince` when
 * it began to wait now; `parks` counts the waits for limits, and `lastPark` is the last of them; `finish` is the worker's own word that it is done; `plan` is what one that has
 * ended left of it.
 */
export const Attempt = z.object({
  number: z.number().int().positive(),
  session: SessionId.nullable(),
  model: ModelChoice,
  nudges: z.number().int().nonnegative(),
  resumes: z.number().int().nonnegative(),
  stalls: z.number().int().nonnegative(),
  waitedMs: z.number().int().nonnegative(),
  waitingSince: z.number().nullable(),
  parks: z.number().int().nonnegative(),
  lastPark: z.object({ since: z.number(), tries: z.number().int(), endedAt: z.number() }).nullable(),
  finish: TaskResult.nullable(),
  spent: Spent,
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  outcome: Outcome.nullable(),
  plan: Plan.optional(),
});
export type Attempt = z.infer<typeof Attempt>;

/**
 * One piece of work, as lists and events carry it; `title` is the first line of the prompt. `snapshot` is the git tree of the workspace before the first attempt (null outside git), against
 * which a run without a worktree is compared. `also` are the further workspaces of one that works in several repositories:
 * its worktrees then lie side by side in `runFolder`. `attempt` is the current one; `session` the one it runs in.
 */
export const Task = z.object({
  id: TaskId,
  slug: z.string(),
  workspace: WorkspaceId,
  title: z.string(),
  model: ModelChoice,
  permissions: Permissions,
  timeoutMs: z.number().int().positive().nullable(),
  plan: Plan,
  status: TaskStatus,
  attempt: z.number().int().positive(),
  session: SessionId.nullable(),
  worktree: TaskWorktree.nullable(),
  also: z.array(TaskPlace),
  wantsWorktree: z.boolean(),
  thinking: Thinking.nullable(),
  priority: Priority,
  /** Tasks that must be completed first. */
  after: z.array(TaskId),
  /** Those of `after` that are not completed; it starts when there is none left. */
  waitsFor: z.array(TaskId),
  /** The failed or canceled tasks, near or far, without whose retry it never starts. */
  blockedBy: z.array(TaskId),
  /** The files that this task may change, as globs below the run folder; empty: it has no boundary. */
  owns: z.array(z.string()),
  /** The sweep that it was handed over with; null: alone. */
  sweep: SweepId.nullable(),
  /** The session whose agent handed it over; null: a person did. */
  fromSession: SessionId.nullable(),
  budget: Budget.nullable(),
  /** What all of its attempts have used. */
  spent: Spent,
  /** Set while a working task waits for the end of its agent's limit. */
  parked: Parked.nullable(),
  runFolder: z.string().nullable(),
  snapshot: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Task = z.infer<typeof Task>;

/** How long a caller that asks again gets the task that it has, in milliseconds. */
export const REPEAT_MS = 10 * 60 * 1_000;
const MAX_CALLER_LENGTH = 200;
const MAX_AFTER = 100;
/** Repositories beside the first that one worker can be asked to keep in its head. */
export const MAX_ALSO = 9;
const MAX_OWNS = 100;

/**
 * What a caller asks for. `workspace` is a folder's path, or a workspace's name or id, and so is each of `also`, further
 * repositories that the task is about; `plan` is checklist text.
 * `caller` names who asks, for programs that may ask twice: within REPEAT_MS the same prompt for the same model and
 * workspace is the same task. `listener` is told what happens to the task (`/notices`). `verbatim`: the prompt's words are for the worker and choose no model and no worktree.
 */
export const TaskRequest = z.strictObject({
  prompt: Words,
  workspace: z.string().min(1),
  also: z.array(z.string().min(1)).max(MAX_ALSO).optional(),
  plan: z.string().optional(),
  context: TaskContext.optional(),
  model: z.string().min(1).optional(),
  agent: z.string().min(1).optional(),
  worktree: z.boolean().optional(),
  name: z.string().min(1).max(MAX_NAME_LENGTH).optional(),
  permissions: Permissions.optional(),
  timeoutMs: z.number().int().positive().optional(),
  thinking: Thinking.optional(),
  priority: Priority.optional(),
  /** Slugs or ids of tasks. */
  after: z.array(z.string().min(1)).max(MAX_AFTER).optional(),
  owns: z.array(z.string().min(1)).max(MAX_OWNS).optional(),
  budget: z.union([Budget, BudgetText]).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  caller: z.string().min(1).max(MAX_CALLER_LENGTH).optional(),
  listener: Listener.optional(),
  verbatim: z.boolean().optional(),
  /** The session whose agent hands it over; absent: a person does. */
  fromSession: SessionId.optional(),
});
export type TaskRequest = z.infer<typeof TaskRequest>;

export const MAX_PROMPT_BYTES = 1024 * 1024;
export const MAX_CONTEXT_BYTES = 4 * 1024 * 1024;
