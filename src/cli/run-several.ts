import type { CallInput } from "../protocol/api.ts";
import type { Context, FlagValues } from "./command.ts";
import { usageError } from "./parse.ts";
import { requestOf, type TASK_FLAGS } from "./run-request.ts";

type SweepRequest = CallInput<"createSweep">;
type TaskFlags = FlagValues<typeof TASK_FLAGS>;

/** One prompt for several models, each in a worktree of its own: one of the results is taken later. */
export async function fanOut(
  context: Context,
  { prompt, models, flags }: { prompt: string; models: readonly string[]; flags: TaskFlags },
): Promise<SweepRequest> {
  if (flags.worktree === false)
    throw usageError("--models gives each model a worktree", "dispatch run --help");
  if (flags.model !== undefined || flags.agent !== undefined)
    throw usageError("--models goes without --model and --agent", "dispatch run --help");
  const { name, ...rest } = flags;
  const { task, shared } = await taskOf(context, prompt, { ...rest, worktree: true });
  const tasks = models.map((model) => ({ ...task, model }));
  return { ...shared, of: "models", tasks, ...(name === undefined ? {} : { name }) };
}

/** Several prompts with the same flags. */
export async function several(
  context: Context,
  { prompts, flags }: { prompts: readonly string[]; flags: TaskFlags },
): Promise<SweepRequest> {
  const { name, ...rest } = flags;
  const made = [];
  for (const prompt of prompts) made.push(await taskOf(context, prompt, rest));
  const tasks = made.map(({ task }) => task);
  return { ...made[0]!.shared, tasks, ...(name === undefined ? {} : { name }) };
}

/** A task, and what it has in common with the others of its sweep. */
async function taskOf(context: Context, prompt: string, flags: TaskFlags) {
  const { environment, workspace, fromSession, caller: _, ...task } = await requestOf(context, prompt, flags);
  return {
    task,
    shared: { workspace, ...(environment ? { environment } : {}), ...(fromSession ? { fromSession } : {}) },
  };
}
