import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import type { Thinking } from "../../protocol/thinking.ts";
import { callerEnvironment } from "../../client/environment.ts";
import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { readText } from "../input.ts";
import type { Look } from "../output.ts";
import { planLine } from "../task-words.ts";
import { THINKING_FLAG } from "../thinking.ts";
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
    "context-file": { value: "FILE", help: "a file to take along", many: true },
    context: { value: "TEXT", help: "constraints and facts to take along" },
    thinking: THINKING_FLAG,
    permissions: { value: "PRESET", choices: PERMISSIONS, help: "what the worker may do without asking" },
    timeout: { value: "DURATION", help: "give up after this time, such as 30m" },
    wait: { help: "return at the next question, approval, flag, finish or failure" },
    "idempotency-key": { value: "KEY", help: "a repeat with the same key makes no second task" },
  },
  async run(context, { operands, flags }) {
    const request: CallInput<"createTask"> = {
      prompt: operands.length === 1 && operands[0] === "-" ? await readText("-") : operands.join(" "),
      workspace: flags.workspace ?? process.cwd(),
      environment: callerEnvironment(context.environment),
    };
    if (flags.plan !== undefined) request.plan = await readText(flags.plan);
    if (flags.context !== undefined || flags["context-file"])
      request.context = { text: flags.context ?? null, files: await readFiles(flags["context-file"] ?? []) };
    if (flags.model !== undefined) request.model = flags.model;
    if (flags.agent !== undefined) request.agent = flags.agent;
    if (flags.worktree !== undefined) request.worktree = flags.worktree;
    if (flags.name !== undefined) request.name = flags.name;
    if (flags.thinking !== undefined) request.thinking = flags.thinking as Thinking;
    if (flags.permissions !== undefined)
      request.permissions = flags.permissions as (typeof PERMISSIONS)[number];
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

async function readFiles(paths: string[]): Promise<{ path: string; content: string }[]> {
  return await Promise.all(paths.map(async (path) => ({ path, content: await readText(path) })));
}

function dispatchedText({ task }: CallAnswer<"createTask">, look: Look): string {
  const worktree = task.wantsWorktree ? " in a worktree" : "";
  const line = `Dispatched ${task.slug} using ${task.model.name}${worktree}. Plan: ${planLine(task.plan)}`;
  return look.terminal ? `${line}\n${look.dim(`Watch it: dispatch watch ${task.slug}`)}` : line;
}
