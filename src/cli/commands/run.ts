import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { showHappening } from "../happening-words.ts";
import { nextHappening } from "../happening.ts";
import { readWords } from "../input.ts";
import { listenerOf } from "../listener.ts";
import type { Look } from "../output.ts";
import { usageError } from "../parse.ts";
import { requestOf, TASK_FLAGS } from "../run-request.ts";
import { handedOverText, showSweepHappening } from "../sweep-words.ts";
import { nextOfSweep } from "../sweep-happening.ts";
import { planLine } from "../task-words.ts";

/** Flags that go with a file: the tasks say the rest themselves. */
const WITH_FILE = new Set(["file", "workspace", "name", "for", "wait", "idempotency-key"]);

const FILE_HELP = `One text is one task. Several come by --task, by --models, or in a file of YAML or JSON:

  name: colours               # of all of them; also workspace (default: here), budget, timeout, concurrent
  defaults: { model: sonnet, worktree: true }
  tasks:
    - name: palette
      prompt: Settle on one spelling of colour in the palette
      plan: [find every use, change them]
      owns: src/palette/**
    - name: themes
      prompt: Follow the palette in the themes
      after: palette
      context-files: [docs/themes.md]
    - Say in the changelog what was done     # a text alone is a prompt

A task also takes agent, workspace, also (further repositories), context, permissions, thinking, priority, timeout and budget. Paths start at the
file. All tasks are handed over or none is, with every fault at its line; the same file again within 10 minutes gives
the tasks that it gave (another --idempotency-key hands them over again).`;

export const run = command({
  operands: ["[TEXT…]"],
  details: `The text goes to the worker word for word (- reads it from standard input).\n\n${FILE_HELP}`,
  examples: [
    'dispatch run "use opus to review the auth code"',
    'dispatch run "write the tests" --model codex --worktree --plan plan.md',
    'dispatch run "rename the field in the API and its client" --also ../client --worktree',
    'dispatch run "write the docs" --after write-tests --priority low',
    'dispatch run "make the parser faster" --models opus,codex,gemini',
    "dispatch run -f tasks.yaml --wait",
  ],
  flags: {
    ...TASK_FLAGS,
    file: { value: "FILE|-", help: "hand over the tasks of a file", short: "f" },
    task: { value: "TEXT", help: "one of several tasks, all with the same flags", many: true },
    models: { value: "NAME,…", help: "the same task to each of these models, to take the best" },
    wait: {
      help: "return at the next question, approval, flag, finish or failure; of several, at their end",
    },
    "idempotency-key": { value: "KEY", help: "a repeat with the same key makes no second task" },
  },
  async run(context, { operands, flags }) {
    const { file, task: prompts = [], models, wait = false, "idempotency-key": key, ...own } = flags;
    const ways = [operands.length > 0, file !== undefined, prompts.length > 0].filter(Boolean).length;
    if (ways === 0) throw usageError("run needs a text, --task or --file", "dispatch run --help");
    if (ways > 1) throw usageError("a text, --task and --file do not go together", "dispatch run --help");
    const options = { wait, key };
    if (file !== undefined) {
      const { readSweepFile } = await import("../sweep-file.ts"); // the parser is for who has a file
      refuseOthers(flags);
      const read = await readSweepFile(file, context);
      const listener = own.for === undefined ? {} : { listener: listenerOf(own.for, context.environment) };
      const tasks = read.tasks.map((task) => ({ ...task, ...listener }));
      const { caller, ...request } = { ...read, tasks, ...named(own) };
      return await handOver(context, key === undefined ? { ...request, caller } : request, options);
    }
    if (prompts.length > 0 && models !== undefined)
      throw usageError("--models takes one text", "dispatch run --help");
    const { fanOut, several } = await import("../run-several.ts");
    if (prompts.length > 0)
      return await handOver(context, await several(context, { prompts, flags: own }), options);
    const prompt = await readWords(operands);
    if (models === undefined)
      return await handOverOne(context, await requestOf(context, prompt, own), options);
    const names = models.split(",").map((name) => name.trim());
    const request = await fanOut(context, {
      prompt,
      models: names.filter((name) => name !== ""),
      flags: own,
    });
    return await handOver(context, request, options);
  },
});

interface Options {
  wait: boolean;
  key: string | undefined;
}

async function handOverOne(
  context: Context,
  request: CallInput<"createTask">,
  { wait, key }: Options,
): Promise<number> {
  const answer = await context.client.call("createTask", {}, request, { key });
  for (const notice of answer.notices) reportNotice(notice);
  if (!wait || !context.output.json) await context.output.show(answer, dispatchedText);
  if (!wait) return EXIT.done;
  const happened = await nextHappening(context, { tasks: [answer.task.id], timeoutMs: null });
  return await showHappening(context, happened);
}

async function handOver(
  context: Context,
  request: CallInput<"createSweep">,
  { wait, key }: Options,
): Promise<number> {
  const answer = await context.client.call("createSweep", {}, request, { key });
  for (const notice of answer.notices) reportNotice(notice);
  if (!wait || !context.output.json) await context.output.show(answer, handedOverText);
  if (!wait) return EXIT.done;
  return await showSweepHappening(context, await nextOfSweep(context, answer.sweep.id, null));
}

function refuseOthers(flags: object): void {
  const others = Object.keys(flags).filter((name) => !WITH_FILE.has(name));
  if (others.length > 0)
    throw usageError(`--${others[0]} goes into the file`, "dispatch run --help says how the file is written");
}

function named({ name, workspace }: { name?: string; workspace?: string }) {
  return { ...(name === undefined ? {} : { name }), ...(workspace === undefined ? {} : { workspace }) };
}

function dispatchedText({ task }: CallAnswer<"createTask">, look: Look): string {
  const worktree = task.wantsWorktree ? " in a worktree" : "";
  const line = `Dispatched ${task.slug} using ${task.model.name}${worktree}. Plan: ${planLine(task.plan)}`;
  return look.terminal ? `${line}\n${look.dim(`Watch it: dispatch watch ${task.slug}`)}` : line;
}
