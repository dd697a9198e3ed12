import { dirname, resolve } from "node:path";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { DispatchError } from "../base/error.ts";
import { callerEnvironment } from "../client/environment.ts";
import { itemLine } from "../core/plan-caller.ts";
import type { CallInput } from "../protocol/api.ts";
import type { FileTask, SweepFile } from "../protocol/sweep-file.ts";
import type { TaskContext } from "../protocol/task.ts";
import { readContextFile } from "./attachments.ts";
import { callingSession } from "./caller.ts";
import type { Context } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { readText } from "./input.ts";
import { userPath, workspaceRef } from "./user-path.ts";

type SweepRequest = CallInput<"createSweep">;
type TaskRequest = SweepRequest["tasks"][number];

const MAX_FILE_BYTES = 5 * 1024 * 1024;
/** Keys that take a list, and may have a text for a list of one. */
const LISTS = ["after", "owns", "context-files"];

/** A sweep's file as read: the document still knows where everything stands. */
interface Source {
  /** For messages. */
  path: string;
  /** Where the file's own paths start. */
  folder: string;
  document: Document;
  lines: LineCounter;
}

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
  const broken = document.errors.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, message }));
  if (broken.length > 0) throw faulty(source, broken);
  return requestOf(await checked(source), source, context);
}

async function checked(source: Source): Promise<SweepFile> {
  const { SweepFile } = await import("../protocol/sweep-file.ts"); // zod: only for who hands over a file
  const { faultText } = await import("../protocol/fault.ts");
  const result = SweepFile.safeParse(plain(source.document.toJS()), { error: faultText });
  if (result.success) return result.data;
  throw faulty(
    source,
    result.error.issues.map((issue) => {
      const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
      const at = [...issue.path, ...unknown.slice(0, 1)];
      const key = issue.path.filter((part) => part !== "tasks" && typeof part !== "number").join(".");
      return { line: lineOf(source, at), message: key === "" ? issue.message : `${key}: ${issue.message}` };
    }),
  );
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
  for (const [index, task] of file.tasks.entries()) {
    const line = lineOf(source, [...at, index]);
    try {
      tasks.push({ ...(await taskOf({ ...file.defaults, ...task }, source, context)), line });
    } catch (error) {
      if (error instanceof DispatchError) throw faulty(source, [{ line, message: error.message }]);
      throw error;
    }
  }
  return {
    tasks,
    caller: "dispatch run -f",
    environment: callerEnvironment(context.environment),
    ...callingSession(context),
    workspace: file.workspace === undefined ? process.cwd() : workspaceOf(file.workspace, source, context),
    ...(file.name === undefined ? {} : { name: file.name }),
    ...(file.budget === undefined ? {} : { budget: amount(file.budget) }),
    ...(file.timeout === undefined ? {} : { timeoutMs: parseDuration(file.timeout) }),
    ...(file.concurrent === undefined ? {} : { concurrent: file.concurrent }),
  };
}

async function taskOf(task: FileTask, source: Source, context: Context): Promise<TaskRequest> {
  const { timeout, budget, context: text, "context-files": paths, plan, workspace, ...same } = task;
  const carried = await contextOf({ text: text ?? null, paths: paths ?? [] }, source, context);
  return {
    ...same,
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout) }),
    ...(budget === undefined ? {} : { budget: amount(budget) }),
    ...(plan === undefined ? {} : { plan: typeof plan === "string" ? plan : plan.map(itemLine).join("\n") }),
    ...(workspace === undefined ? {} : { workspace: workspaceOf(workspace, source, context) }),
    ...(carried ? { context: carried } : {}),
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
  return typeof budget === "number" ? { dollars: budget } : budget;
}

/** Where the list of tasks stands: it may be the whole document. */
function tasksPath({ document }: Source): string[] {
  return document.getIn(["tasks"], true) === undefined ? [] : ["tasks"];
}

/** The line of the innermost part of a path that the file has. */
function lineOf({ document, lines }: Source, path: readonly PropertyKey[]): number {
  const isList = document.getIn(["tasks"], true) === undefined;
  const own = isList && path[0] === "tasks" ? path.slice(1) : path;
  for (let length = own.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(own.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function faulty({ path }: Source, faults: readonly { line: number; message: string }[]): DispatchError {
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  return new DispatchError("invalid", `nothing was handed over: ${path} has ${count}`, {
    candidates: faults.map(({ line, message }) => `line ${line}: ${message}`),
    hint: "dispatch run --help says how the file is written",
  });
}
