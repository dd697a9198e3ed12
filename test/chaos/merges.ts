import { homeFiles } from "../../src/base/home.ts";
import { followStream } from "../../src/client/stream.ts";
import type { Merge } from "../../src/protocol/merge.ts";
import type { World } from "../e2e/world.ts";
import type { Chance } from "./chance.ts";

/** Kills the daemon so often, each time after some events, or when nothing is left to be done. */
export async function killing(
  world: World,
  { kills, chance, events, open }: { kills: number; chance: Chance; events: number; open: typeof openMerges },
): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    await after(world, chance.upTo(events), open);
    await world.killDaemon();
    await world.ok("daemon", "start");
  }
}

/** The merges that are not over. */
export async function openMerges(world: World): Promise<unknown[]> {
  return (await world.client.call("listMerges", {}, { state: "open" })).merges;
}

/** The tasks that have not ended. */
export async function openTasks(world: World): Promise<unknown[]> {
  return (await world.client.call("listTasks", {}, { state: "open" })).tasks;
}

/** All merges, once none is open. */
export async function settledMerges(world: World): Promise<Merge[]> {
  await after(world, Infinity, openMerges);
  return (await world.client.call("listMerges", {}, {})).merges;
}

/** How many are in which state. */
export function countsOf(merges: Merge[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(merges, ({ status }) => status.state)].map(([state, all]) => [state, all.length]),
  );
}

/** Waits for so many events of anybody, or until nothing is open. */
async function after(world: World, events: number, open: typeof openMerges): Promise<void> {
  const over = new AbortController();
  const stream = followStream({
    socket: homeFiles(world.home).socket,
    topics: ["tasks"],
    signal: over.signal,
  });
  for (let seen = 0; seen <= events && (await open(world)).length > 0; seen++) await stream.next();
  over.abort();
}
