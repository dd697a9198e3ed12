import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { DispatchError } from "../base/error.ts";
import { callerEnvironment } from "../client/environment.ts";
import { parseBudget } from "../core/budget.ts";
import { itemLine } from "../core/plan-caller.ts";
import type { CallInput } from "../protocol/api.ts";
import type { FileTask, SweepFile } from "../protocol/sweep-file.ts";
import type { TaskContext } from "../protocol/task.ts";
import { readContextFile } from "./attachments.ts";
import { callingSession } from "../client/calling-session.ts";
import type { Context } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { readText } from "./input.ts";
import { atLine, faultOf, faulty, faultsOf, lineOf, type Source, tasksPath } from "./sweep-faults.ts";
import { userPath, workspaceRef } from "../client/user-path.ts";

type SweepRequest = CallInput<"createSweep">;
type TaskRequest = SweepRequest["tasks"][number];

const MAX_FILE_BYTES = 5 * 1024 * 1024;
/** Keys that take a list, and may have a text for a list of one. */
const LISTS = ["also", "after", "owns", "context-files"];

/**
 * Reads a file of tasks (YAML or JSON; `-` is standard input) as a request. Its relative paths start at its folder.
 * @throws DispatchError `invalid` that names every fault with its line
 */
export async function readSweepFile(path: string, context: Context): Promise<SweepRequest> {
  const text = await readText(path === "-" ? path : userPath(path, context.environment));
  if (text.length > MAX_FILE_BYTES)
    throw new DispatchError("too_large", `${path} is over ${MAX_FILE_BYTES >> 20} MiB`, {
      hint: "name the files in the prompts instead",
    });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const folder = path === "-" ? process.cwd() : dirname(userPath(path, context.environment));
  const source = { path: path === "-" ? "the input" : path, folder, document, lines };
  if (document.errors.length > 0)
    throw faulty(
      source,
      document.errors.map((error) => faultOf(error, source)),
    );
  return requestOf(await checked(source), source, context);
}

async function checked(source: Source): Promise<SweepFile> {
  const { SweepFile } = await import("../protocol/sweep-file.ts"); // zod: only for who hands over a file
  const { faultText } = await import("../protocol/fault.ts");
  const result = SweepFile.safeParse(plain(valueOf(source)), { error: faultText });
  if (result.success) return result.data;
  throw faulty(
    source,
    result.error.issues.flatMap((issue) => faultsOf(issue, source)),
  );
}

/** @throws DispatchError `invalid` for an alias that names nothing, or that multiplies without end */
function valueOf(source: Source): unknown {
  try {
    return source.document.toJS();
  } catch (error) {
    throw faulty(source, [{ line: 1, message: (error as Error).message }]);
  }
}

/** The forms that people may use in short: tasks alone, a text for a task, a text for a list of one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return plain({ tasks: value });
  if (!isRecord(value)) return value;
  const tasks = value["tasks"];
  return {
    ...value,
    ...(isRecord(value["defaults"]) ? { defaults: plainTask(value["defaults"]) } : {}),
    ...(Array.isArray(tasks) ? { tasks: tasks.map(plainTask) } : {}),
  };
}

function plainTask(task: unknown): unknown {
  if (typeof task === "string") return { prompt: task };
  if (!isRecord(task)) return task;
  const lists = LISTS.filter((key) => typeof task[key] === "string").map((key) => [key, [task[key]]]);
  return { ...task, ...(Object.fromEntries(lists) as object) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function requestOf(file: SweepFile, source: Source, context: Context): Promise<SweepRequest> {
  const at = tasksPath(source);
  const tasks: TaskRequest[] = [];
  for (const [index, task] of file.tasks.entries())
    tasks.push(await taskOf({ ...file.defaults, ...task }, { source, context, path: [...at, index] }));
  return {
    tasks,
    caller: "dispatch run -f",
    environment: callerEnvironment(context.environment),
    ...callingSession(context),
    workspace: file.workspace === undefined ? process.cwd() : workspaceOf(file.workspace, source, context),
    ...(file.name === undefined ? {} : { name: file.name }),
    ...(await limitsOf(file, source, [])),
    ...(file.concurrent === undefined ? {} : { concurrent: file.concurrent }),
  };
}

async function taskOf(
  task: FileTask,
  { source, context, path }: { source: Source; context: Context; path: readonly PropertyKey[] },
): Promise<TaskRequest> {
  const {
    timeout: _,
    budget: __,
    context: text,
    "context-files": paths,
    plan,
    workspace,
    also,
    ...same
  } = task;
  const carried = await atLine(source, [...path, "context-files"], () =>
    contextOf({ text: text ?? null, paths: paths ?? [] }, source, context),
  );
  return {
    ...same,
    ...(await limitsOf(task, source, path)),
    line: lineOf(source, path),
    ...(plan === undefined ? {} : { plan: typeof plan === "string" ? plan : plan.map(itemLine).join("\n") }),
    ...(workspace === undefined ? {} : { workspace: workspaceOf(workspace, source, context) }),
    ...(also === undefined ? {} : { also: also.map((text) => workspaceOf(text, source, context)) }),
    ...(carried ? { context: carried } : {}),
  };
}

/** The limits of a task, or of the whole file, whose faults stand at their own lines. */
async function limitsOf(
  { timeout, budget }: Pick<SweepFile, "timeout" | "budget">,
  source: Source,
  path: readonly PropertyKey[],
): Promise<Pick<TaskRequest, "timeoutMs" | "budget">> {
  return {
    ...(timeout === undefined
      ? {}
      : { timeoutMs: await atLine(source, [...path, "timeout"], () => parseDuration(timeout)) }),
    ...(budget === undefined
      ? {}
      : { budget: await atLine(source, [...path, "budget"], () => amount(budget)) }),
  };
}

async function contextOf(
  { text, paths }: { text: string | null; paths: readonly string[] },
  { folder }: Source,
  { environment }: Context,
): Promise<TaskContext | null> {
  if (text === null && paths.length === 0) return null;
  const files = paths.map(async (path) => {
    const found = path.startsWith("~") ? path : resolve(folder, path);
    return { path, content: (await readContextFile(found, environment)).text };
  });
  return { text, files: await Promise.all(files) };
}

/** A folder in any spelling starts at the file; a name or an id stays what it is. */
function workspaceOf(text: string, { folder }: Source, { environment }: Context): string {
  return workspaceRef(/^\.{1,2}(?:\/|$)/.test(text) ? resolve(folder, text) : text, environment);
}

function amount(budget: NonNullable<SweepFile["budget"]>): NonNullable<SweepRequest["budget"]> {
  if (typeof budget === "number") return { dollars: budget };
  return typeof budget === "string" ? parseBudget(budget) : budget;
}
