import type { Client } from "../client/client.ts";
import { DispatchError } from "../base/error.ts";
import { homeFiles } from "../base/home.ts";
import { startDaemon } from "../client/local.ts";
import { followStream, type StreamItem } from "../client/stream.ts";
import type { Approval } from "../protocol/approval.ts";
import type { Event } from "../protocol/event.ts";
import type { Flag } from "../protocol/flag.ts";
import type { Question } from "../protocol/question.ts";
import type { Task } from "../protocol/task.ts";
import type { Context } from "./command.ts";
import { isEnded } from "./task-words.ts";

/** What makes a waiting caller look up. */
export type Happening =
  | { type: "question"; question: Question }
  | { type: "approval"; approval: Approval }
  | { type: "flag"; flag: Flag }
  | { type: "ended"; task: Task };

/** A happening with the task that it is of. */
export interface Happened {
  happening: Happening;
  task: Task;
}

/**
 * The next thing that wants a caller's eye: what already waits counts, so that nothing between two waits is missed.
 * @param options.tasks ids; null for every task that is open now
 * @returns null when the time is over or Ctrl-C was pressed
 */
export async function nextHappening(
  context: Context,
  options: { tasks: readonly string[] | null; timeoutMs: number | null },
): Promise<Happened | null> {
  const time = options.timeoutMs === null ? [] : [AbortSignal.timeout(options.timeoutMs)];
  const signal = AbortSignal.any([context.interrupted, ...time]);
  await context.client.call("health", {}, {}); // starts the daemon where none runs
  for await (const happening of looks(context, options.tasks, signal)) {
    if (!happening) continue;
    const id = happening.type === "ended" ? happening.task.id : taskOf(happening);
    if (id === null) continue;
    if (happening.type === "flag") await context.client.call("seeFlag", { flag: happening.flag.id }, {});
    return { happening, task: (await context.client.call("getTask", { task: id }, {})).task };
  }
  return null;
}

/** First what waits already, read once the subscription stands; then each event; after a reset all of it again. */
async function* looks(
  context: Context,
  tasks: readonly string[] | null,
  signal: AbortSignal,
): AsyncGenerator<Happening | null> {
  const standing = Promise.withResolvers<void>();
  const stream = followStream({
    socket: homeFiles(context.local.home).socket,
    topics: ["tasks", "attention"],
    signal,
    subscribed: () => standing.resolve(),
    revive: () => startDaemon(context.local),
  });
  let next: Promise<IteratorResult<StreamItem>> | null = stream.next();
  await Promise.race([standing.promise, next]);
  yield await waitingNow(context.client, tasks);
  try {
    for (let item = await next; !item.done; item = await next) {
      if (item.value.type === "reset") yield await waitingNow(context.client, tasks);
      else yield happeningOf(item.value.event, tasks);
      next = stream.next();
    }
  } finally {
    await stream.return(undefined);
  }
}

/** What waits at this moment, the questions first. */
async function waitingNow(client: Client, tasks: readonly string[] | null): Promise<Happening | null> {
  const { questions, approvals, flags } = await client.call("getAttention", {}, {});
  const events: Event[] = [
    ...questions.map((question) => ({ type: "question", question }) as const),
    ...approvals.map((approval) => ({ type: "approval", approval }) as const),
    ...flags.map((flag) => ({ type: "flag", flag }) as const),
  ];
  for (const id of tasks ?? [])
    events.push({ type: "task", task: (await client.call("getTask", { task: id }, {})).task });
  for (const event of events) {
    const happening = happeningOf(event, tasks);
    if (happening) return happening;
  }
  return null;
}

function happeningOf(event: Event, tasks: readonly string[] | null): Happening | null {
  const happening = openHappening(event);
  if (!happening || tasks === null) return happening;
  const id = happening.type === "ended" ? happening.task.id : taskOf(happening);
  return id !== null && tasks.includes(id) ? happening : null;
}

function openHappening(event: Event): Happening | null {
  switch (event.type) {
    case "question":
      return event.question.status.state === "open" ? event : null;
    case "approval":
      return event.approval.status.state === "open" ? event : null;
    case "flag":
      return event.flag.seenAt === null ? event : null;
    case "task":
      return isEnded(event.task) ? { type: "ended", task: event.task } : null;
    case "workspace":
    case "session":
    case "transcript":
      return null;
  }
}

function taskOf(happening: Exclude<Happening, { type: "ended" }>): string | null {
  switch (happening.type) {
    case "question":
      return happening.question.task;
    case "approval":
      return happening.approval.task;
    case "flag":
      return happening.flag.task;
  }
}

/** The error for a wait whose time is over. */
export function nothingHappened(timeout: string): DispatchError {
  return new DispatchError("limited", `nothing happened within ${timeout}`, { hint: "dispatch status" });
}
