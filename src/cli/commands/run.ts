import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import type { Thinking } from "../../protocol/thinking.ts";
import { callerEnvironment } from "../../client/environment.ts";
import { CONTEXT_FILE_FLAG, readContextFile, readTodos, TODO_FLAG } from "../attachments.ts";
import { command, type Context } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { readText } from "../input.ts";
import type { Look } from "../output.ts";
import { planLine } from "../task-words.ts";
import { THINKING_FLAG } from "../thinking.ts";
import { workspaceRef } from "../user-path.ts";
import { showHappening } from "../happening-words.ts";
import { nextHappening } from "../happening.ts";

export const PERMISSIONS = ["ask", "edits", "all", "read-only"] as const;

export const run = command({
  operands: ["TEXT…"],
  details: "The text goes to the worker word for word (- reads it from standard input).",
  examples: [
    'dispatch run "use opus to review the auth code"',
    'dispatch run "write the tests" --model codex --worktree --plan plan.md',
  ],
  flags: {
    model: { value: "NAME", help: "the model or alias to use", short: "m" },
    agent: { value: "NAME", help: "the agent to use" },
    worktree: { help: "work in a git worktree of its own, or surely not in one", negatable: true },
    workspace: { value: "FOLDER", help: "where to work: a folder, a workspace's name or id (default: here)" },
    name: { value: "SLUG", help: "what to call the task" },
    plan: { value: "FILE|-", help: "a checklist to start from" },
    "context-file": CONTEXT_FILE_FLAG,
    todo: TODO_FLAG,
    context: { value: "TEXT", help: "constraints and facts to take along" },
    thinking: THINKING_FLAG,
    permissions: { value: "PRESET", choices: PERMISSIONS, help: "what the worker may do without asking" },
    timeout: { value: "DURATION", help: "give up after this time, such as 30m" },
    budget: { value: "AMOUNT", help: "ask you before it uses more: $5, 200ktok or both" },
    wait: { help: "return at the next question, approval, flag, finish or failure" },
    "idempotency-key": { value: "KEY", help: "a repeat with the same key makes no second task" },
  },
  async run(context, { operands, flags }) {
    const request: CallInput<"createTask"> = {
      prompt: operands.length === 1 && operands[0] === "-" ? await readText("-") : operands.join(" "),
      workspace: workspaceRef(flags.workspace ?? process.cwd(), context.environment),
      environment: callerEnvironment(context.environment),
    };
    if (flags.plan !== undefined) request.plan = await readText(flags.plan);
    const files = await filesOf(context, request, flags);
    if (flags.context !== undefined || files.length > 0)
      request.context = { text: flags.context ?? null, files };
    if (flags.model !== undefined) request.model = flags.model;
    if (flags.agent !== undefined) request.agent = flags.agent;
    if (flags.worktree !== undefined) request.worktree = flags.worktree;
    if (flags.name !== undefined) request.name = flags.name;
    if (flags.thinking !== undefined) request.thinking = flags.thinking as Thinking;
    if (flags.permissions !== undefined)
      request.permissions = flags.permissions as (typeof PERMISSIONS)[number];
    if (flags.budget !== undefined) request.budget = flags.budget;
    if (flags.timeout !== undefined) request.timeoutMs = parseDuration(flags.timeout);
    const answer = await context.client.call("createTask", {}, request, { key: flags["idempotency-key"] });
    for (const notice of answer.notices) reportNotice(notice);
    if (!flags.wait) {
      await context.output.show(answer, dispatchedText);
      return EXIT.done;
    }
    if (!context.output.json) await context.output.show(answer, dispatchedText);
    return await showHappening(
      context,
      await nextHappening(context, { tasks: [answer.task.id], timeoutMs: null }),
    );
  },
});

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

function dispatchedText({ task }: CallAnswer<"createTask">, look: Look): string {
  const worktree = task.wantsWorktree ? " in a worktree" : "";
  const line = `Dispatched ${task.slug} using ${task.model.name}${worktree}. Plan: ${planLine(task.plan)}`;
  return look.terminal ? `${line}\n${look.dim(`Watch it: dispatch watch ${task.slug}`)}` : line;
}
