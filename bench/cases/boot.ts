import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { homeFiles } from "../../src/base/home.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Case } from "../bench.ts";
import { FINISHED_TASKS, fillStore, RECORDS_PER_TASK } from "../full-store.ts";
import { end, spawnReady } from "../processes.ts";
import { figure, interleaved, median, quantile, ratio } from "../samples.ts";
import { openStage } from "../stage.ts";

const ROUNDS = 20;

export const boot: Case = {
  name: "boot",
  about: `From the start of the daemon's process to its first answer, with ${FINISHED_TASKS.toLocaleString("en")} finished tasks of ${RECORDS_PER_TASK} records each in the store. Beside it a bare Bun program (compiled alike) that opens a copy of that database and listens. ${ROUNDS} rounds.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: 1 });
    fillStore(world);
    const copy = join(world.root, "copy.db");
    copyFileSync(join(world.home, "dispatch.db"), copy);
    const sockets = { ours: homeFiles(world.home).socket, bare: join(world.root, "bare.sock") };
    const bare = [await bench.bare("serve"), copy, sockets.bare];
    await startOnce(world, [...world.self, "daemon", "run"], sockets.ours); // puts a copy of the program into the home
    const runs = await interleaved(
      {
        dispatch: () => startOnce(world, [...world.self, "daemon", "run"], sockets.ours),
        bare: () => startOnce(world, bare, sockets.bare),
      },
      ROUNDS,
    );
    const base = median(runs.bare);
    const row = (name: string, ms: readonly number[]) => [
      name,
      figure(median(ms)),
      figure(quantile(ms, 0.9)),
      ratio(median(ms), base),
    ];
    return {
      rows: [
        ["program", "p50 ms", "p90 ms", "to bare Bun"],
        row("dispatch daemon run", runs.dispatch),
        row("bare Bun", runs.bare),
      ],
      targets: [{ what: "first answer, p50", value: median(runs.dispatch), limit: 100, unit: "ms" }],
    };
  },
};

async function startOnce(world: World, command: readonly string[], socket: string): Promise<number> {
  const begin = performance.now();
  const child = await spawnReady(command, { cwd: world.home, env: world.environment });
  const response = await fetch("http://localhost/tasks?limit=1", { unix: socket });
  await response.text();
  const ms = performance.now() - begin;
  if (!response.ok) throw new Error(`${command[0]} answered with ${response.status}`);
  await end(child);
  return ms;
}
