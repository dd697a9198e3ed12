import { lstatSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { type Todo, todoId, todoIds } from "../core/todo.ts";
import type { Context } from "./command.ts";
import { reportHint, reportNotice } from "./failure.ts";
import { decodeText, readBytes } from "./input.ts";
import { usageError } from "./parse.ts";
import { userPath } from "../client/user-path.ts";

export const CONTEXT_FILE_FLAG = { value: "FILE", help: "a file to take along", many: true } as const;
export const TODO_FLAG = {
  value: "ID",
  help: "a TODO to take along, from .pi/todos (default: those that the text names)",
  many: true,
} as const;

/** A file to take along at the most; far beyond what an agent can read. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const TODO_FOLDER = join(".pi", "todos");

/**
 * A file to take along, by a path as people write it.
 * @throws DispatchError when it is missing, blank or too long
 */
export async function readContextFile(
  given: string,
  environment: Context["environment"],
): Promise<{ path: string; text: string }> {
  const path = userPath(given, environment);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw unusable(`there is no context file ${path}`);
  if (found.isDirectory()) throw unusable(`the context file ${path} is a folder`);
  const text = await readWhole(path, found.size);
  if (text.trim() === "") throw unusable(`the context file ${path} is empty`);
  return { path, text };
}

/** Names of ours that do not exist are "not found"; this is a file of the caller's that does not fit. */
function unusable(message: string): DispatchError {
  return new DispatchError("conflict", message, { hint: "--context-file <a file with text in it>" });
}

async function readWhole(path: string, bytes: number): Promise<string> {
  if (bytes > MAX_FILE_BYTES)
    throw new DispatchError("too_large", `${path} is over ${MAX_FILE_BYTES >> 20} MiB`, {
      hint: "name the file in the prompt instead",
    });
  return decodeText(await readBytes(path), path);
}

export interface TodoQuery {
  prompt: string;
  /** What `--todo` names; without it the ids in the prompt count. */
  named: readonly string[] | undefined;
  /** The workspace's path, a name or id of it, or a project's name. */
  workspace: string;
}

/**
 * The TODOs that go with a prompt. One that only the prompt names may be missing, which is said on stderr.
 * @throws DispatchError when one that was asked for is missing
 */
export async function readTodos(
  { client, environment }: Pick<Context, "client" | "environment">,
  { prompt, named, workspace }: TodoQuery,
): Promise<Todo[]> {
  const ids = named === undefined ? todoIds(prompt) : [...new Set(named.map(idOf))];
  if (ids.length === 0) return [];
  const folders = todoFolders(await pathOf(client, workspace), environment);
  const todos: Todo[] = [];
  for (const id of ids) {
    const todo = await findTodo(id, folders);
    if (todo !== null) todos.push(todo);
    else if (named !== undefined) throw missing(id, folders);
    else tellMissing(id, folders);
  }
  return todos;
}

function idOf(text: string): string {
  const id = todoId(text);
  if (id === "") throw usageError(`--todo ${text} is no id of a TODO`, "--todo TODO-1a2b3c");
  return id;
}

/** Null for what is no workspace and no one project: that is what the daemon will complain of. */
async function pathOf(client: Context["client"], workspace: string): Promise<string | null> {
  if (isAbsolute(workspace)) return workspace;
  const { workspaces } = await client.call("listWorkspaces", {}, {});
  const own = workspaces.find(({ id, name }) => name === workspace || id.startsWith(workspace));
  if (own) return own.path;
  const { projects } = await client.call("listProjects", {}, { called: workspace });
  return projects.length === 1 ? projects[0]!.path : null;
}

/** Where a TODO is looked for, in this order. A worktree has those of its main checkout, too. */
function todoFolders(workspace: string | null, environment: Context["environment"]): string[] {
  const checkout = workspace === null ? null : mainCheckout(workspace, environment);
  const roots = [process.cwd(), workspace, checkout, userPath("~", environment)];
  return [...new Set(roots.filter((root) => root !== null))].map((root) => join(root, TODO_FOLDER));
}

/** The folder that the repository of this one was cloned to; null outside git. */
function mainCheckout(folder: string, environment: Context["environment"]): string | null {
  const own = Object.entries(environment).filter(([name]) => !name.startsWith("GIT_"));
  const git = Bun.spawnSync(
    ["git", "-C", folder, "rev-parse", "--path-format=absolute", "--git-common-dir"],
    { env: Object.fromEntries(own), stdin: "ignore", stderr: "ignore" },
  );
  const common = git.stdout.toString().trim();
  if (git.exitCode !== 0 || common === "") return null;
  return basename(common) === ".git" ? dirname(common) : common;
}

/** The first file that is not blank. A link is passed over: a repository's could lead to anything of the user's. */
async function findTodo(id: string, folders: readonly string[]): Promise<Todo | null> {
  for (const folder of folders) {
    const path = join(folder, `${id}.md`);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found?.isFile()) continue;
    const content = await readWhole(path, found.size);
    if (content.trim() !== "") return { id, path, content };
  }
  return null;
}

function missing(id: string, folders: readonly string[]): DispatchError {
  return new DispatchError("conflict", `there is no TODO-${id}`, { hint: lookedIn(id, folders) });
}

function tellMissing(id: string, folders: readonly string[]): void {
  reportNotice(`there is no TODO-${id}; the text goes without it`);
  reportHint(lookedIn(id, folders));
}

function lookedIn(id: string, folders: readonly string[]): string {
  return `write it as ${id}.md in ${folders.join(" or ")}`;
}
