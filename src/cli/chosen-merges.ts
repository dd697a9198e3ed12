import type { Client } from "../client/client.ts";
import { hasUnmerged } from "../core/place.ts";
import { hasRivals, isMergedWithOthers } from "../core/sweep.ts";
import type { CallAnswer } from "../protocol/api.ts";
import type { Sweep } from "../protocol/sweep.ts";
import type { Task } from "../protocol/task.ts";
import { everyTask } from "../client/every.ts";
import { findSubject } from "./subject.ts";

/** What is to be merged, and the sweeps whose results were left out, as one of them is to be taken. */
interface Chosen {
  tasks: string[];
  contests: Sweep[];
  /** One task, by its name. */
  isOne: boolean;
}

/** Tasks are merged as they are named; a sweep's name means all of it that can be. */
export async function chosenByName(client: Client, names: readonly string[]): Promise<Chosen> {
  const chosen: Chosen = { tasks: [], contests: [], isOne: false };
  for (const name of names) {
    const { kind, detail } = await findSubject(client, name, ["task", "sweep"]);
    if (kind === "task") {
      chosen.tasks.push(detail.task.id);
      chosen.isOne = names.length === 1;
    } else {
      const { tasks, contests } = await mergeable(client, tasksOf(detail));
      chosen.tasks.push(...tasks);
      chosen.contests.push(...contests);
    }
  }
  return chosen;
}

/** All that is done, or what is done of one sweep. */
export async function chosenOfAll(client: Client, sweep: string | undefined): Promise<Chosen> {
  const tasks =
    sweep === undefined
      ? (await everyTask(client, { state: "ended" })).reverse()
      : tasksOf(await client.call("getSweep", { sweep }, {}));
  return { ...(await mergeable(client, tasks)), isOne: false };
}

/** Those whose work is done and not merged, in their order, without rivals: one of these is taken by its name. */
async function mergeable(client: Client, all: readonly Task[]): Promise<Omit<Chosen, "isOne">> {
  const tasks = all.filter((task) => task.status.state === "completed" && hasUnmerged(task));
  const sweeps = await sweepsOf(client, tasks);
  return {
    tasks: tasks.flatMap(({ id, sweep }) => {
      return sweep === null || isMergedWithOthers(id, sweeps.get(sweep)!) ? id : [];
    }),
    contests: [...sweeps.values()].filter(hasRivals),
  };
}

async function sweepsOf(client: Client, tasks: readonly Task[]): Promise<Map<string, Sweep>> {
  const ids = new Set(tasks.flatMap(({ sweep }) => sweep ?? []));
  const sweeps = new Map<string, Sweep>();
  for (const id of ids) sweeps.set(id, (await client.call("getSweep", { sweep: id }, {})).sweep);
  return sweeps;
}

function tasksOf({ tasks }: CallAnswer<"getSweep">): Task[] {
  return tasks.map(({ task }) => task);
}
