import { DispatchError } from "../../base/error.ts";
import type { Client } from "../../client/client.ts";
import { callerEnvironment } from "../../client/environment.ts";
import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import type { Thinking } from "../../protocol/thinking.ts";
import { command, type Context, type FlagValues } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { parseCount } from "../page.ts";
import { usageError } from "../parse.ts";
import { findSubject } from "../subject.ts";
import { LEVEL_FLAG } from "../thinking.ts";

type Request = CallInput<"retryTask">;

const FLAGS = {
  model: { value: "NAME", help: "use another model", short: "m" },
  thinking: LEVEL_FLAG,
  save: { help: "make --model the default from now on (the workspace's, where that chose the model)" },
  skip: { value: "ITEM", help: "leave out this item of the plan, by its number" },
  budget: { value: "AMOUNT", help: "what it may use from here on, such as $5, 200ktok or 2h" },
  fresh: { help: "start over, with an empty plan" },
} as const;

export const retry = command({
  operands: ["ID…"],
  details:
    "Ticks are kept: the next attempt starts at the first open item. The name of a sweep means what failed of it.",
  examples: ["dispatch retry one-spelling", "dispatch retry colours --model opus"],
  flags: FLAGS,
  async run(context, { operands, flags }) {
    const request = requestOf(context, flags);
    const { tasks, isOne } = await named(context.client, operands);
    if (isOne) return await retryOne(context, tasks[0]!.id, request);
    if (request.skip !== undefined) throw usageError("--skip goes with one task", "dispatch retry --help");
    return await retryEach(context, tasks, request);
  },
});

function requestOf({ environment }: Context, flags: FlagValues<typeof FLAGS>): Request {
  const { model, thinking, save, skip, budget, fresh } = flags;
  if (save && model === undefined) throw usageError("--save needs --model", "dispatch models default <name>");
  return {
    environment: callerEnvironment(environment),
    ...(model === undefined ? {} : { model }),
    ...(thinking === undefined ? {} : { thinking: thinking === "default" ? null : (thinking as Thinking) }),
    ...(save ? { save } : {}),
    ...(skip === undefined ? {} : { skip: parseCount(skip, "--skip") }),
    ...(budget === undefined ? {} : { budget }),
    ...(fresh === undefined ? {} : { fresh }),
  };
}

interface Named {
  tasks: { id: string; slug: string }[];
  /** One task, by its own name. */
  isOne: boolean;
}

/** Tasks as they are named, and of a sweep what failed; each once. */
async function named(client: Client, names: readonly string[]): Promise<Named> {
  const tasks = new Map<string, Named["tasks"][number]>();
  let isOne = false;
  for (const name of names) {
    const { kind, detail } = await findSubject(client, name, ["task", "sweep"]);
    isOne = kind === "task" && names.length === 1;
    const meant = kind === "task" ? [detail.task] : failedOf(detail);
    for (const task of meant) tasks.set(task.id, task);
  }
  return { tasks: [...tasks.values()], isOne };
}

function failedOf({ tasks }: CallAnswer<"getSweep">) {
  return tasks.map(({ task }) => task).filter(({ status }) => status.state === "failed");
}

async function retryOne({ client, output }: Context, task: string, request: Request): Promise<number> {
  const answer = await client.call("retryTask", { task }, request);
  for (const notice of answer.notices) reportNotice(notice);
  await output.show(answer, retriedText);
  return EXIT.done;
}

/** What keeps one from being retried, such as that it has not ended, keeps no other. */
async function retryEach(
  { client, output }: Context,
  tasks: Named["tasks"],
  request: Request,
): Promise<number> {
  const retried: CallAnswer<"retryTask">[] = [];
  const stay: { slug: string; because: string }[] = [];
  for (const { id, slug } of tasks) {
    try {
      retried.push(await client.call("retryTask", { task: id }, request));
    } catch (error) {
      if (!(error instanceof DispatchError) || error.code === "unavailable") throw error;
      stay.push({ slug, because: error.message });
    }
  }
  for (const notice of new Set(retried.flatMap(({ notices }) => notices))) reportNotice(notice);
  await output.show({ tasks: retried.map(({ task }) => task), stay }, ({ tasks, stay }) => {
    const lines = [
      ...tasks.map((task) => retriedText({ task })),
      ...stay.map(({ slug, because }) => `${slug}: not retried, ${because}`),
    ];
    return lines.length === 0 ? "Nothing has failed." : lines.join("\n");
  });
  return stay.length === 0 ? EXIT.done : EXIT.failed;
}

function retriedText({ task }: Pick<CallAnswer<"retryTask">, "task">): string {
  return `Attempt ${task.attempt} of ${task.slug} using ${task.model.name}.`;
}
