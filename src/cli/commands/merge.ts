import { DispatchError, type ErrorCode } from "../../base/error.ts";
import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import type { Client } from "../../client/client.ts";
import { callerEnvironment } from "../../client/environment.ts";
import { hasUnmerged } from "../../core/place.ts";
import { chosenByName, chosenOfAll } from "../chosen-merges.ts";
import type { PlaceMerge } from "../../protocol/change.ts";
import type { Merge } from "../../protocol/merge.ts";
import type { Task } from "../../protocol/task.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportHint, reportNotice } from "../failure.ts";
import { mergeText as queuedText } from "../merge-words.ts";
import { usageError } from "../parse.ts";
import { settledMerges } from "../settled-merges.ts";

const USAGE = "dispatch merge --help";
/** Its work, its worktree or its repository does not allow it. */
const OF_ONE_TASK: ReadonlySet<ErrorCode> = new Set(["refused", "conflict", "not_found"]);

export const merge = command({
  operands: ["[ID…]"],
  details: [
    "One task is merged at once; with --queue, or several, or the name of a sweep, merges wait for each other. Each is",
    "put on top of the target as one commit, the gate of the workspace runs there, and the target moves only when it",
    "passes. What conflicts or fails goes back to its worker, at most twice. The queue goes on in the background:",
    "dispatch merges shows it. Of one prompt for several models one result is merged, by its own name.",
    "Of a task in several repositories all are merged or none, as far as git can: what could not land is named.",
  ].join("\n"),
  examples: [
    "dispatch merge one-spelling",
    "dispatch merge --all --wait",
    "dispatch merge --cancel one-spelling",
  ],
  flags: {
    queue: { help: "queue the merge" },
    all: { help: "queue every task that is completed and not merged" },
    sweep: { value: "SWEEP", help: "with --all: only the tasks of this sweep" },
    handback: {
      help: "give conflicts and failed gates back to the worker (the default), or not",
      negatable: true,
    },
    wait: { help: "return when all that was queued has ended" },
    cancel: { value: "ID", help: "take a merge out of the queue" },
    gate: { help: "merge at once, although merges here pass a gate: --no-gate", negatable: true },
    squash: { help: "as one commit" },
    message: { value: "TEXT", help: "the commit's message", short: "m" },
  },
  async run(context, { operands, flags }) {
    const { all = false, sweep } = flags;
    if (flags.cancel !== undefined) return await takeOut(context, flags.cancel);
    if (!all && operands.length === 0) throw usageError("merge needs an ID, or --all", USAGE);
    if (all && operands.length > 0) throw usageError("--all goes without an ID", USAGE);
    if (sweep !== undefined && !all) throw usageError("--sweep goes with --all", USAGE);
    const { tasks, found, contests, isOne } = all
      ? await chosenOfAll(context.client, sweep)
      : await chosenByName(context.client, operands);
    if (isOne && flags.queue !== true) return await mergeNow(context, tasks[0]!, flags);
    if (flags.squash || flags.message !== undefined || flags.gate === false)
      throw usageError("--squash, --message and --no-gate are for a merge that is not queued", USAGE);
    for (const { slug } of contests)
      reportNotice(
        `${slug}: one of its results is taken, by its name, so none is queued: dispatch compare ${slug}`,
      );
    const { merges, left } = await queue(context, { tasks, found }, flags.handback ?? true);
    const view = { merges: flags.wait ? await settledMerges(context, merges) : merges };
    await context.output.show(view, ({ merges }, look) =>
      merges.length === 0 ? "Nothing to merge." : merges.map((merge) => queuedText(merge, look)).join("\n"),
    );
    const isMissed = flags.wait && view.merges.some(({ status }) => status.state !== "merged");
    return isMissed || left > 0 ? EXIT.failed : EXIT.done;
  },
});

async function takeOut({ client, output }: Context, merge: string): Promise<number> {
  const answer = await client.call("cancelMerge", { merge }, {});
  await output.show(answer, ({ merge }) => `The merge of ${merge.slug} is out of the queue.`);
  return EXIT.done;
}

/** Queues all that was named or nothing, then of what was found each that can be merged; the others are named, and counted in `left`. */
async function queue(
  context: Context,
  { tasks, found }: { tasks: string[]; found: Task[] },
  handback: boolean,
): Promise<{ merges: Merge[]; left: number }> {
  const merges = tasks.length === 0 ? [] : await queueTogether(context, tasks, handback);
  let left = 0;
  for (const { id, slug } of found)
    try {
      merges.push(...(await queueTogether(context, [id], handback)));
    } catch (error) {
      if (!isAboutTask(error)) throw error;
      reportNotice(`${slug} is left out: ${error.message}`);
      if (error.hint !== undefined) reportHint(error.hint);
      left++;
    }
  return { merges, left };
}

/** True where a failure is this task's own, so that the next one may be merged. */
function isAboutTask(error: unknown): error is DispatchError {
  return error instanceof DispatchError && OF_ONE_TASK.has(error.code);
}

async function queueTogether(
  { client, environment }: Context,
  tasks: string[],
  handback: boolean,
): Promise<Merge[]> {
  const body = { tasks, handback, environment: callerEnvironment(environment) };
  return (await client.call("queueMerges", {}, body)).merges;
}

async function mergeNow(
  { client, output }: Context,
  task: string,
  flags: { squash?: boolean; message?: string; gate?: boolean },
): Promise<number> {
  const body: CallInput<"mergeTask"> = {};
  if (flags.squash !== undefined) body.squash = flags.squash;
  if (flags.message !== undefined) body.message = flags.message;
  if (flags.gate === false) body.ungated = true;
  const answer = await client.call("mergeTask", { task }, body);
  await output.show(answer, mergedText);
  if (answer.merge.outcome === "merged" && answer.task.sweep) await tellOthers(client, answer.task);
  if (answer.merge.outcome !== "conflict") return EXIT.done;
  reportHint(answer.merge.hint);
  return EXIT.failed;
}

/** Of one prompt for several models one result was taken; the others are still there. */
async function tellOthers(client: Client, { id, sweep: of }: Task): Promise<void> {
  const { sweep, tasks } = await client.call("getSweep", { sweep: of! }, {});
  if (sweep.of !== "models") return;
  const left = tasks.filter(({ task }) => task.id !== id && hasUnmerged(task));
  if (left.length === 0) return;
  const slugs = left.map(({ task }) => task.slug);
  reportNotice(`the others stay until they are cleaned: ${slugs.join(", ")}`);
  reportHint(`dispatch clean ${slugs[0]} --force`);
}

function mergedText({ task, merge, places }: CallAnswer<"mergeTask">): string {
  return [wholeText({ task, merge }), ...places.map(placeText)].join("\n");
}

function placeText({ name, target, merge }: PlaceMerge): string {
  switch (merge.outcome) {
    case "merged":
      return `  ${name}: into ${target}, ${merge.commit.slice(0, 12)}`;
    case "already-merged":
      return `  ${name}: merged into ${target} already`;
    case "nothing":
      return `  ${name}: nothing changed`;
    case "held":
      return `  ${name}: not merged, though it could be`;
    case "conflict":
      return `  ${name}: conflicts with ${target}`;
  }
}

function wholeText({ task, merge }: Pick<CallAnswer<"mergeTask">, "task" | "merge">): string {
  switch (merge.outcome) {
    case "merged": {
      const count = `${merge.files.length} ${merge.files.length === 1 ? "file" : "files"}`;
      return `Merged ${task.slug}: ${count}, ${merge.commit.slice(0, 12)}.`;
    }
    case "already-merged":
      return `${task.slug} is merged already.`;
    case "nothing":
      return `${task.slug} changed nothing.`;
    case "conflict":
      return [
        `${task.slug} conflicts; nothing was changed:`,
        ...merge.conflicts.map((path) => `  ${path}`),
      ].join("\n");
  }
}
