import { z } from "zod";
import { MAX_SWEEP_TASKS } from "./limit.ts";
import { Permissions } from "./permission.ts";
import { Budget, BudgetText, MAX_ALSO, MAX_NAME_LENGTH, Priority } from "./task.ts";
import { Thinking } from "./thinking.ts";
import { Words } from "./words.ts";

const Text = z.string().min(1);
/** A span of time, such as `90s`, `30m`, `1.5h`. */
const Time = Text.max(40);
/** `5` is five dollars. */
const Amount = z.union([BudgetText, z.number().positive(), Budget]);

/** What a task of the file may say, and what `defaults` says for all of them. */
const Common = {
  model: Text.optional(),
  agent: Text.optional(),
  worktree: z.boolean().optional(),
  workspace: Text.optional(),
  also: z.array(Text).max(MAX_ALSO).optional(),
  permissions: Permissions.optional(),
  thinking: Thinking.optional(),
  priority: Priority.optional(),
  timeout: Time.optional(),
  budget: Amount.optional(),
  context: Text.optional(),
  "context-files": z.array(Text).optional(),
};

const FileTask = z.strictObject({
  ...Common,
  prompt: Words,
  name: Text.max(MAX_NAME_LENGTH).optional(),
  after: z.array(Text).optional(),
  owns: z.array(Text).optional(),
  plan: z.union([Text, z.array(Text).min(1)]).optional(),
});
export type FileTask = z.infer<typeof FileTask>;

/** What `dispatch run -f` reads, after a text that stands for a list of one, or for a task, was made one. */
export const SweepFile = z.strictObject({
  name: Text.max(MAX_NAME_LENGTH).optional(),
  workspace: Text.optional(),
  budget: Amount.optional(),
  timeout: Time.optional(),
  concurrent: z.number().int().positive().optional(),
  defaults: z.strictObject(Common).optional(),
  tasks: z.array(FileTask).min(1).max(MAX_SWEEP_TASKS),
});
export type SweepFile = z.infer<typeof SweepFile>;

/** What is wrong with a file that was read as one. */
export type SweepFileIssue = z.core.$ZodIssue;
