import { readFileSync } from "node:fs";
import { homeFiles } from "../src/base/home.ts";
import { followStream } from "../src/client/stream.ts";
import { isEnded } from "../src/core/run.ts";
import type { PlacedEvent, Position } from "../src/protocol/event.ts";
import type { TaskId } from "../src/protocol/id.ts";
import type { Task, TaskRequest } from "../src/protocol/task.ts";
import { World } from "../test/e2e/world.ts";
import type { Bench } from "./bench.ts";

/** A prompt as long as people write them; only its first words and the script differ from task to task. */
const PROSE =
  "Keep the change small and in the style of the code around it, add a test that fails without it, and run the " +
  "whole suite before you finish. Say in one sentence what you changed and why, and name what you left open.";

/** A world of the tests with the shipped program in it. `workers`: how many agents may run at once. */
export function openStage({ folder, program }: Bench, { workers }: { workers: number }): World {
  const world = new World({ parent: folder, also: `limits:\n  concurrent: ${workers}\n` });
  world.self = [program];
  return world;
}

/** Starts the daemon. @returns its process */
export async function startDaemon(world: World): Promise<number> {
  await world.ok("daemon", "start");
  return world.daemonPid();
}

/** A request as the CLI makes it. */
export function request(world: World, title: string, script = ""): TaskRequest {
  return {
    prompt: `${title}\n${PROSE}\n${script}`,
    workspace: world.repo,
    environment: world.environment,
  };
}

/** Every event after a position, past and to come, without an end. */
export async function* eventsAfter(world: World, after: Position): AsyncGenerator<PlacedEvent> {
  const { socket } = homeFiles(world.home);
  for await (const item of followStream({ socket, topics: ["*"], after }))
    if (item.type === "event") yield item;
}

export async function position(world: World): Promise<Position> {
  return (await world.client.call("health", {}, {})).position;
}

export function isCompleted({ status }: Task): boolean {
  return status.state === "completed";
}

/** Resolves when each of the tasks is in a state that fits. @throws when one ends in another */
export async function untilAll(
  world: World,
  { ids, after, fits }: { ids: readonly TaskId[]; after: Position; fits: (task: Task) => boolean },
): Promise<void> {
  const left = new Set(ids);
  for await (const { event } of eventsAfter(world, after)) {
    if (event.type !== "task") continue;
    if (fits(event.task)) left.delete(event.task.id);
    else if (isEnded(event.task)) throw new Error(JSON.stringify(event.task.status));
    if (left.size === 0) return;
  }
}

/** The processes of a world whose command line has these words in a row. */
export function processesWith(world: World, words: readonly string[]): number[] {
  const wanted = words.join("\0");
  return world.processes().filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(wanted));
}
