import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import type { Thinking } from "../../protocol/thinking.ts";
import { callerEnvironment } from "../../client/environment.ts";
import { attachedFile, MAX_ATTACHED_CHARS, promptWith } from "../../core/todo.ts";
import { CONTEXT_FILE_FLAG, readContextFile, readTodos, TODO_FLAG } from "../attachments.ts";
import { callingSession } from "../../client/calling-session.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { readText } from "../input.ts";
import { usageError } from "../parse.ts";
import { THINKING_FLAG } from "../thinking.ts";
import { workspaceRef } from "../../client/user-path.ts";
import { PERMISSIONS } from "../run-request.ts";

const USAGE = "dispatch session new --help";

export const sessionNew = command({
  operands: [],
  details:
    "Returns when the prompt is on disk, and prints one line of JSON. The prompt goes to the agent word for word, with what it takes along below it.",
  examples: [
    'dispatch session new --workspace . --prompt "review src/auth"',
    'dispatch session new --workspace api --name tests --prompt "write the tests of TODO-1a2b3c" --model codex',
  ],
  flags: {
    workspace: { value: "FOLDER", help: "where to work: a folder, a workspace's name or id" },
    prompt: { value: "TEXT|-", help: "the first message (-: from standard input)" },
    name: { value: "NAME", help: "what to call the session" },
    model: { value: "NAME", help: "the model or alias to use", short: "m" },
    agent: { value: "NAME", help: "the agent to use" },
    thinking: THINKING_FLAG,
    "context-file": CONTEXT_FILE_FLAG,
    todo: TODO_FLAG,
    permissions: { value: "PRESET", choices: PERMISSIONS, help: "what the agent may do without asking" },
    "idempotency-key": { value: "KEY", help: "a repeat with the same key opens no second session" },
  },
  async run(context, { flags }) {
    const { workspace: place, prompt: given } = flags;
    if (place === undefined) throw usageError("--workspace is missing", USAGE);
    if (given === undefined) throw usageError("--prompt is missing", USAGE);
    const workspace = workspaceRef(place, context.environment);
    const { prompt, todos, files } = await promptOf(context, { given, workspace, flags });
    const request: CallInput<"createSession"> = {
      workspace,
      prompt,
      environment: callerEnvironment(context.environment),
      ...callingSession(context),
    };
    if (flags.name !== undefined) request.name = flags.name;
    if (flags.model !== undefined) request.model = flags.model;
    if (flags.agent !== undefined) request.agent = flags.agent;
    if (flags.thinking !== undefined) request.thinking = flags.thinking as Thinking;
    if (flags.permissions !== undefined)
      request.permissions = flags.permissions as (typeof PERMISSIONS)[number];
    const answer = await context.client.call("createSession", {}, request, { key: flags["idempotency-key"] });
    for (const notice of answer.notices) reportNotice(notice);
    const opened = {
      ...openedBy(answer),
      injectedTodos: todos,
      injectedFiles: files,
      promptChars: prompt.length,
    };
    await context.output.exact(`${JSON.stringify(opened)}\n`);
    return EXIT.done;
  },
});

/** The prompt as the agent gets it, and what it takes along. */
async function promptOf(
  context: Context,
  {
    given,
    workspace,
    flags,
  }: { given: string; workspace: string; flags: { todo?: string[]; "context-file"?: string[] } },
): Promise<{ prompt: string; todos: string[]; files: string[] }> {
  const text = given === "-" ? await readText("-") : given;
  if (text.trim() === "") throw usageError("--prompt is empty", USAGE);
  const todos = await readTodos(context, { prompt: text, named: flags.todo, workspace });
  const files = await Promise.all(
    (flags["context-file"] ?? []).map(async (path) => {
      const read = await readContextFile(path, context.environment);
      const file = attachedFile(read.path, read.text);
      if (file.isCut)
        reportNotice(`of ${file.path} only the first ${MAX_ATTACHED_CHARS} characters are taken along`);
      return file;
    }),
  );
  return {
    prompt: promptWith(text, { todos, files }),
    todos: todos.map(({ id }) => `TODO-${id}`),
    files: files.map(({ path }) => path),
  };
}

function openedBy({ session, workspace, message }: CallAnswer<"createSession">): object {
  return {
    sessionId: session.id,
    workspaceId: workspace.id,
    workspaceName: workspace.name,
    model: session.model?.name ?? session.agent,
    prompted: message !== null,
  };
}
