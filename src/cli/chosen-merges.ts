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
  /** Those that were named. */
  tasks: string[];
  /** Those of a sweep, or of all: one that cannot be merged keeps no other from it. */
  found: Task[];
  contests: Sweep[];
  /** One task, by its name. */
  isOne: boolean;
}

/** Tasks are merged as they are named; a sweep's name means all of it that can be. */
export async function chosenByName(client: Client, names: readonly string[]): Promise<Chosen> {
  const chosen: Chosen = { tasks: [], found: [], contests: [], isOne: false };
  for (const name of names) {
    const { kind, detail } = await findSubject(client, name, ["task", "sweep"]);
    if (kind === "task") {
      chosen.tasks.push(detail.task.id);
      chosen.isOne = names.length === 1;
    } else {
      const { found, contests } = await mergeable(client, tasksOf(detail));
      chosen.found.push(...found);
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
  return { tasks: [], ...(await mergeable(client, tasks)), isOne: false };
}

/** Those whose work is done and not merged, in their order, without rivals: one of these is taken by its name. */
async function mergeable(client: Client, all: readonly Task[]): Promise<Pick<Chosen, "found" | "contests">> {
  const tasks = all.filter((task) => task.status.state === "completed" && hasUnmerged(task));
  const sweeps = await sweepsOf(client, tasks);
  return {
    found: tasks.filter(({ id, sweep }) => sweep === null || isMergedWithOthers(id, sweeps.get(sweep)!)),
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
