import { callerEnvironment } from "../client/environment.ts";
import type { CallInput } from "../protocol/api.ts";
import type { Priority } from "../protocol/task.ts";
import type { Thinking } from "../protocol/thinking.ts";
import { CONTEXT_FILE_FLAG, readContextFile, readTodos, TODO_FLAG } from "./attachments.ts";
import { callingSession } from "../client/calling-session.ts";
import type { Context, Flags, FlagValues } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { readText } from "./input.ts";
import { FOR_FLAG, listenerOf } from "./listener.ts";
import { THINKING_FLAG } from "./thinking.ts";
import { workspaceRef } from "../client/user-path.ts";

export const PERMISSIONS = ["ask", "edits", "all", "read-only"] as const;
const PRIORITIES = ["high", "normal", "low"] as const satisfies Priority[];

/** What can be said of a task on the command line. */
export const TASK_FLAGS = {
  model: { value: "NAME", help: "the model or alias to use", short: "m" },
  agent: { value: "NAME", help: "the agent to use" },
  worktree: { help: "work in a git worktree of its own, or surely not in one", negatable: true },
  workspace: { value: "FOLDER", help: "where to work: a folder, a workspace's name or id (default: here)" },
  also: { value: "FOLDER", help: "another repository that the task is about, as --workspace", many: true },
  name: { value: "SLUG", help: "what to call the task" },
  plan: { value: "FILE|-", help: "a checklist to start from" },
  "context-file": CONTEXT_FILE_FLAG,
  todo: TODO_FLAG,
  context: { value: "TEXT", help: "constraints and facts to take along" },
  thinking: THINKING_FLAG,
  after: { value: "TASK", help: "start when this task is completed, from what it produced", many: true },
  priority: { value: "LEVEL", choices: PRIORITIES, help: "who gets the next free worker" },
  owns: {
    value: "GLOB",
    help: "the files that it may change: others in the folder keep off them",
    many: true,
  },
  permissions: { value: "PRESET", choices: PERMISSIONS, help: "what the worker may do without asking" },
  budget: {
    value: "AMOUNT",
    help: "ask you before it uses more: $5, 200ktok, 2h of work, or several of them",
  },
  timeout: { value: "DURATION", help: "give up after this time, such as 30m" },
  for: FOR_FLAG,
} as const satisfies Flags;

/** A task as it was said on the command line. */
export async function requestOf(
  context: Context,
  prompt: string,
  flags: FlagValues<typeof TASK_FLAGS>,
): Promise<CallInput<"createTask">> {
  const request: CallInput<"createTask"> = {
    prompt,
    workspace: workspaceRef(flags.workspace ?? process.cwd(), context.environment),
    environment: callerEnvironment(context.environment),
    ...callingSession(context),
  };
  if (flags.also !== undefined)
    request.also = flags.also.map((text) => workspaceRef(text, context.environment));
  if (flags.plan !== undefined) request.plan = await readText(flags.plan);
  const files = await filesOf(context, request, flags);
  if (flags.context !== undefined || files.length > 0)
    request.context = { text: flags.context ?? null, files };
  if (flags.model !== undefined) request.model = flags.model;
  if (flags.agent !== undefined) request.agent = flags.agent;
  if (flags.worktree !== undefined) request.worktree = flags.worktree;
  if (flags.name !== undefined) request.name = flags.name;
  if (flags.thinking !== undefined) request.thinking = flags.thinking as Thinking;
  if (flags.after !== undefined) request.after = flags.after;
  if (flags.priority !== undefined) request.priority = flags.priority as Priority;
  if (flags.owns !== undefined) request.owns = flags.owns;
  if (flags.permissions !== undefined)
    request.permissions = flags.permissions as (typeof PERMISSIONS)[number];
  if (flags.budget !== undefined) request.budget = flags.budget;
  if (flags.timeout !== undefined) request.timeoutMs = parseDuration(flags.timeout);
  if (flags.for !== undefined) request.listener = listenerOf(flags.for, context.environment);
  return request;
}

/** What goes with the prompt: the files that are named, and TODOs, which are files too. */
async function filesOf(
  context: Context,
  { prompt, workspace }: Pick<CallInput<"createTask">, "prompt" | "workspace">,
  { todo: named, "context-file": paths = [] }: { todo?: string[]; "context-file"?: string[] },
): Promise<{ path: string; content: string }[]> {
  const todos = await readTodos(context, { prompt, named, workspace });
  const files = paths.map(async (path) => ({
    path,
    content: (await readContextFile(path, context.environment)).text,
  }));
  return [...todos.map(({ path, content }) => ({ path, content })), ...(await Promise.all(files))];
}
