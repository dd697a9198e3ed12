import { isEnded } from "../core/run.ts";
import type { CallAnswer } from "../protocol/api.ts";
import type { Event } from "../protocol/event.ts";
import type { Task } from "../protocol/task.ts";
import type { Context } from "./command.ts";
import { follow, waitSignal } from "./follow.ts";
import { type Happened, openHappening, taskOf, told } from "./happening.ts";

type SweepDetail = CallAnswer<"getSweep">;

/** What ends a wait for a sweep: somebody is needed, or nothing of it moves by itself any more. */
export type SweepHappened = { type: "needed"; happened: Happened } | { type: "settled"; detail: SweepDetail };

/**
 * The next thing of a sweep that wants a caller's eye. A failure alone is none as long as other tasks go on.
 * @returns null when the time is over or Ctrl-C was pressed
 */
export async function nextOfSweep(
  context: Context,
  sweep: string,
  timeoutMs: number | null,
): Promise<SweepHappened | null> {
  const signal = waitSignal(context, timeoutMs);
  const tasks = new Map<string, Task>();
  for await (const item of follow(context, ["tasks", "attention"], signal)) {
    const events = item.type === "reset" ? await eventsOf(context, sweep) : [item.event];
    for (const event of events) {
      if (event.type === "task" && (tasks.has(event.task.id) || event.task.sweep === sweep))
        tasks.set(event.task.id, event.task);
      const happening = event.type === "task" ? null : openHappening(event);
      if (happening && tasks.has(taskOf(happening) ?? ""))
        return { type: "needed", happened: await told(context.client, happening) };
    }
    if ([...tasks.values()].every(isSettled))
      return { type: "settled", detail: await context.client.call("getSweep", { sweep }, {}) };
  }
  return null;
}

/** What stands now, as the events that would have told it. */
async function eventsOf({ client }: Context, sweep: string): Promise<Event[]> {
  const { tasks, attention } = await client.call("getSweep", { sweep }, {});
  return [
    ...tasks.map(({ task }) => ({ type: "task", task }) as const),
    ...attention.questions.map((question) => ({ type: "question", question }) as const),
    ...attention.approvals.map((approval) => ({ type: "approval", approval }) as const),
    ...attention.flags.map((flag) => ({ type: "flag", flag }) as const),
  ];
}

/** True for a task of which nothing happens by itself any more. */
export function isSettled(task: Task): boolean {
  return isEnded(task) || task.blockedBy.length > 0;
}
