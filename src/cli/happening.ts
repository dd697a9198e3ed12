import { DispatchError } from "../base/error.ts";
import type { Client } from "../client/client.ts";
import { isSettled } from "../core/merge.ts";
import { isEnded } from "../core/run.ts";
import type { Approval } from "../protocol/approval.ts";
import type { Event } from "../protocol/event.ts";
import type { Flag } from "../protocol/flag.ts";
import type { Merge } from "../protocol/merge.ts";
import type { Question } from "../protocol/question.ts";
import type { Task } from "../protocol/task.ts";
import { everyTask } from "../client/every.ts";
import type { Context } from "./command.ts";
import { follow, waitSignal } from "./follow.ts";

/** What makes a waiting caller look up. */
type Happening =
  | { type: "question"; question: Question }
  | { type: "approval"; approval: Approval }
  | { type: "flag"; flag: Flag }
  | { type: "merge"; merge: Merge }
  | { type: "ended"; task: Task };

/** Merges of the queue that are looked at; with more of them open, a task's own end counts. */
const MAX_OPEN = 500;

/** A happening with the task that it is of. */
export interface Happened {
  happening: Happening;
  task: Task;
}

/**
 * The next thing that wants a caller's eye: what already waits counts, so that nothing between two waits is missed.
 * A flag that is returned is off the list.
 * @param options.tasks ids; null for every task that is open from now on
 * @returns null when the time is over or Ctrl-C was pressed
 */
export async function nextHappening(
  context: Context,
  options: { tasks: readonly string[] | null; timeoutMs: number | null },
): Promise<Happened | null> {
  const signal = waitSignal(context, options.timeoutMs);
  const watched = new Watched(options.tasks);
  for await (const item of follow(context, ["tasks", "attention"], signal)) {
    const events = item.type === "reset" ? await watched.now(context.client) : [item.event];
    for (const event of events) {
      const happening = watched.happeningOf(event);
      if (happening && taskOf(happening)) return await told(context.client, happening);
    }
  }
  return null;
}

/** A happening as a caller gets it: a flag is off the list with that. */
export async function told(client: Client, happening: Happening): Promise<Happened> {
  if (happening.type === "flag") await client.call("seeFlag", { flag: happening.flag.id }, {});
  const { task } = await client.call("getTask", { task: taskOf(happening)! }, {});
  return { happening, task };
}

/** The error for a wait whose time is over; `hint` is how to wait on, or to look. */
export function nothingHappened(timeout: string, hint = "dispatch status"): DispatchError {
  return new DispatchError("limited", `nothing happened within ${timeout}`, { hint });
}

/** Which tasks are waited for. With none named it is all of them, and those that were seen open can end. */
class Watched {
  readonly #all: boolean;
  readonly #ids: Set<string>;
  /** Tasks in the merge queue: their end is the merge's, since the worker may get it back. */
  readonly #merging = new Set<string>();

  constructor(tasks: readonly string[] | null) {
    this.#all = tasks === null;
    this.#ids = new Set(tasks);
  }

  /** What stands now, as the events that would have told it: what waits for a person first, then the tasks. */
  async now(client: Client): Promise<Event[]> {
    const { merges } = await client.call("listMerges", {}, { state: "open", limit: MAX_OPEN });
    for (const merge of merges) this.#merging.add(merge.task);
    const { questions, approvals, flags } = await client.call("getAttention", {}, {});
    const tasks = await Promise.all(
      [...this.#ids].map(async (id) => (await client.call("getTask", { task: id }, {})).task),
    );
    if (this.#all) tasks.push(...(await everyTask(client, { state: "open" })));
    return [
      ...questions.map((question) => ({ type: "question", question }) as const),
      ...approvals.map((approval) => ({ type: "approval", approval }) as const),
      ...flags.map((flag) => ({ type: "flag", flag }) as const),
      ...tasks.map((task) => ({ type: "task", task }) as const),
    ];
  }

  happeningOf(event: Event): Happening | null {
    if (event.type === "merge" && !isSettled(event.merge)) this.#merging.add(event.merge.task);
    const happening = openHappening(event);
    if (happening?.type === "ended" && this.#merging.has(happening.task.id)) return null;
    if (event.type === "task" && this.#all && !happening) this.#ids.add(event.task.id);
    if (happening?.type === "merge") this.#merging.delete(happening.merge.task);
    if (!happening || (this.#all && happening.type !== "ended")) return happening;
    return this.#ids.has(taskOf(happening) ?? "") ? happening : null;
  }
}

export function openHappening(event: Event): Happening | null {
  switch (event.type) {
    case "question":
      return event.question.status.state === "open" ? event : null;
    case "approval":
      return event.approval.status.state === "open" ? event : null;
    case "flag":
      return event.flag.seenAt === null ? event : null;
    case "task":
      return isEnded(event.task) ? { type: "ended", task: event.task } : null;
    case "merge":
      return isSettled(event.merge) ? event : null;
    case "workspace":
    case "session":
    case "message":
    case "schedule":
    case "transcript":
      return null;
  }
}

export function taskOf(happening: Happening): string | null {
  switch (happening.type) {
    case "ended":
      return happening.task.id;
    case "question":
      return happening.question.task;
    case "approval":
      return happening.approval.task;
    case "flag":
      return happening.flag.task;
    case "merge":
      return happening.merge.task;
  }
}
