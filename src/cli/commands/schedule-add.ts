import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { readText } from "../input.ts";
import { usageError } from "../parse.ts";
import { nextText } from "../schedule-words.ts";
import { workspaceRef } from "../../client/user-path.ts";
import { PERMISSIONS } from "../run-request.ts";

type Request = CallInput<"addSchedule">;
/** What only a task takes, and no message. */
const TASK_FLAGS = [
  "model",
  "agent",
  "also",
  "worktree",
  "workspace",
  "plan",
  "permissions",
  "timeout",
] as const;

type TaskAction = Extract<Request["action"], { type: "task" }>;

export const scheduleAdd = command({
  operands: ["WHEN", "TEXT…"],
  details:
    "WHEN is a pattern of cron (minute hour day month weekday), or one date and time such as 2026-12-01T09:00. The text is a task's prompt, or with --session a message.",
  examples: [
    'dispatch schedule add "0 3 * * *" "use sonnet to update the dependencies, in a worktree"',
    'dispatch schedule add "*/30 9-17 * * 1-5" "look for new failures" --session watcher',
  ],
  flags: {
    session: { value: "ID", help: "send the text to this session instead of handing over a task" },
    "time-zone": { value: "NAME", help: "such as Europe/Berlin (default: this machine's)" },
    missed: { value: "WHAT", choices: ["skip", "once"], help: "of times when nothing ran: make up for one" },
    overlap: { value: "WHAT", choices: ["skip", "allow"], help: "where the last task still runs" },
    name: { value: "SLUG", help: "what to call it" },
    model: { value: "NAME", help: "the model or alias to use", short: "m" },
    agent: { value: "NAME", help: "the agent to use" },
    also: { value: "FOLDER", help: "another repository that the task is about", many: true },
    worktree: { help: "work in a git worktree of its own, or surely not in one", negatable: true },
    workspace: { value: "FOLDER", help: "where to work: a folder, a workspace's name or id (default: here)" },
    plan: { value: "FILE|-", help: "a checklist to start from" },
    permissions: { value: "PRESET", choices: PERMISSIONS, help: "what the worker may do without asking" },
    timeout: { value: "DURATION", help: "give up after this time, such as 30m" },
  },
  async run({ client, output, environment }, { operands, flags }) {
    const [cron = "", ...words] = operands;
    const text = words.join(" ");
    const idle =
      flags.session === undefined ? undefined : TASK_FLAGS.find((name) => flags[name] !== undefined);
    if (idle !== undefined)
      throw usageError(
        `--${idle} is for a task, and --session sends a message`,
        "dispatch schedule add --help",
      );
    const request: Request = {
      cron,
      action:
        flags.session === undefined
          ? { type: "task", request: await taskOf(text, flags, environment) }
          : { type: "message", session: flags.session, text },
    };
    if (flags["time-zone"] !== undefined) request.timeZone = flags["time-zone"];
    if (flags.missed !== undefined) request.missed = flags.missed as "skip" | "once";
    if (flags.overlap !== undefined) request.overlap = flags.overlap as "skip" | "allow";
    if (flags.name !== undefined) request.name = flags.name;
    await output.show(
      await client.call("addSchedule", {}, request),
      ({ schedule }) => `${schedule.name} begins ${nextText(schedule)}.`,
    );
    return EXIT.done;
  },
});

async function taskOf(
  prompt: string,
  flags: {
    model?: string;
    agent?: string;
    also?: string[];
    worktree?: boolean;
    workspace?: string;
    plan?: string;
    permissions?: string;
    timeout?: string;
  },
  environment: Record<string, string | undefined>,
): Promise<TaskAction["request"]> {
  const request: TaskAction["request"] = {
    prompt,
    workspace: workspaceRef(flags.workspace ?? process.cwd(), environment),
  };
  if (flags.also !== undefined) request.also = flags.also.map((text) => workspaceRef(text, environment));
  if (flags.model !== undefined) request.model = flags.model;
  if (flags.agent !== undefined) request.agent = flags.agent;
  if (flags.worktree !== undefined) request.worktree = flags.worktree;
  if (flags.plan !== undefined) request.plan = await readText(flags.plan);
  if (flags.permissions !== undefined)
    request.permissions = flags.permissions as (typeof PERMISSIONS)[number];
  if (flags.timeout !== undefined) request.timeoutMs = parseDuration(flags.timeout);
  return request;
}
