import { join } from "node:path";
import { homeFiles } from "../../src/base/home.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Bench, Case, Result } from "../bench.ts";
import { figure, interleaved, median, quantile, ratio } from "../samples.ts";
import { openStage, request, startDaemon } from "../stage.ts";

const ROUNDS = 40;
const TASKS = 20;

export const cli: Case = {
  name: "cli",
  about: `\`dispatch tasks --json\` of ${TASKS} tasks, from the start of the process to its end, beside a bare Bun (compiled alike) and a bare Node program that make the same request and print the same. ${ROUNDS} rounds.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: 1 });
    await startDaemon(world);
    for (let task = 0; task < TASKS; task++)
      await world.client.call("createTask", {}, request(world, `Task ${task}`, "scripted: silence"));
    return await measure(bench, world);
  },
};

async function measure({ program, bare }: Bench, world: World): Promise<Result> {
  const { socket } = homeFiles(world.home);
  const commands = {
    dispatch: [program, "tasks", "--json"],
    "bare Bun": [await bare("ask"), socket],
    "bare Node": ["node", join(import.meta.dir, "../bare/ask.mjs"), socket],
  };
  const runs = await interleaved(
    {
      dispatch: () => run(world, commands.dispatch),
      "bare Bun": () => run(world, commands["bare Bun"]),
      "bare Node": () => run(world, commands["bare Node"]),
    },
    ROUNDS,
  );
  const base = median(runs["bare Bun"]);
  const own = median(runs.dispatch);
  const rows = Object.entries(runs).map(([name, ms]) => [
    name,
    figure(median(ms)),
    figure(quantile(ms, 0.9)),
    ratio(median(ms), base),
  ]);
  return {
    rows: [["program", "p50 ms", "p90 ms", "to bare Bun"], ...rows],
    targets: [
      { what: "dispatch, p50", value: own, limit: 10, unit: "ms" },
      { what: "dispatch to bare Bun", value: own / base, limit: 1.5, unit: "" },
    ],
  };
}

async function run(world: World, command: string[]): Promise<number> {
  const begin = performance.now();
  const child = Bun.spawn(command, {
    cwd: world.repo,
    env: world.environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Response(child.stdout).text();
  const code = await child.exited;
  const ms = performance.now() - begin;
  const { tasks } = JSON.parse(text) as { tasks: unknown[] };
  if (code !== 0 || tasks.length !== TASKS) throw new Error(`${command[0]} ended with ${code}: ${text}`);
  return ms;
}
