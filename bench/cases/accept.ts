import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { World } from "../../test/e2e/world.ts";
import type { Bench, Case } from "../bench.ts";
import { end, spawnReady } from "../processes.ts";
import { figure, interleaved, median, quantile, ratio } from "../samples.ts";
import { openStage, request, startDaemon } from "../stage.ts";

const TASKS = 2_000;
/** Tasks of one way before the next way has its turn. */
const BLOCK = 100;

export const accept: Case = {
  name: "accept",
  about: `${TASKS.toLocaleString("en")} tasks handed over by the socket while all workers are busy, one after the other and 8 at a time, from the request to the answer. Beside it the same bytes to a bare Bun.serve that echoes them, and into a bare bun:sqlite with a commit each that is on the disk when it returns.`,
  run: async (bench) => {
    const alone = await handOver(bench, 1);
    const together = await handOver(bench, 8);
    const own = alone.dispatch;
    return {
      rows: [
        ["", "p50 ms", "p99 ms", "a second", "p50 to echo", "p50 to commit"],
        ...rowsOf(alone, "one at a time"),
        ...rowsOf(together, "8 at a time"),
      ],
      targets: [
        { what: "one at a time, p50", value: median(own.ms), limit: 5, unit: "ms" },
        { what: "one at a time, p99", value: quantile(own.ms, 0.99), limit: 20, unit: "ms" },
        { what: "one at a time, a second", value: own.perSecond, limit: 500, unit: "", atLeast: true },
        { what: "8 at a time, p99", value: quantile(together.dispatch.ms, 0.99), limit: 20, unit: "ms" },
      ],
    };
  },
};

interface Pace {
  readonly ms: number[];
  readonly perSecond: number;
}
type Paces = Record<"dispatch" | "bare echo" | "bare commit", Pace>;

function rowsOf(paces: Paces, how: string): string[][] {
  const echo = median(paces["bare echo"].ms);
  const commit = median(paces["bare commit"].ms);
  return Object.entries(paces).map(([name, { ms, perSecond }]) => {
    const p50 = median(ms);
    const ratios = name === "dispatch" ? [ratio(p50, echo), ratio(p50, commit)] : ["", ""];
    return [`${name}, ${how}`, figure(p50), figure(quantile(ms, 0.99)), figure(perSecond), ...ratios];
  });
}

async function handOver(bench: Bench, atOnce: number): Promise<Paces> {
  await using world = openStage(bench, { workers: 1 });
  await startDaemon(world);
  await world.client.call("createTask", {}, request(world, "Keep the worker busy", "scripted: silence"));
  const socket = join(world.root, "echo.sock");
  const echo = await spawnReady([await bench.bare("echo"), socket], {
    cwd: world.root,
    env: world.environment,
  });
  using db = openBare(world);
  const insert = db.prepare("INSERT INTO bytes (body) VALUES ($body)");
  let task = 0;
  const next = () => request(world, `Task ${++task}`);
  const blocks = await interleaved(
    {
      dispatch: () => block(atOnce, () => world.client.call("createTask", {}, next())),
      "bare echo": () =>
        block(atOnce, async () => {
          const body = JSON.stringify(next());
          return (await fetch("http://localhost/", { unix: socket, method: "POST", body })).json();
        }),
      "bare commit": () => block(1, async () => insert.run({ body: JSON.stringify(next()) })),
    },
    TASKS / BLOCK,
  );
  await end(echo);
  return {
    dispatch: paceOf(blocks.dispatch),
    "bare echo": paceOf(blocks["bare echo"]),
    "bare commit": paceOf(blocks["bare commit"]),
  };
}

function openBare(world: World): Database {
  const db = new Database(join(world.root, "bare.db"), { strict: true });
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  db.run("CREATE TABLE bytes (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  return db;
}

interface Block {
  readonly ms: number[];
  readonly seconds: number;
}

async function block(atOnce: number, send: () => Promise<unknown>): Promise<Block> {
  const ms: number[] = [];
  let left = BLOCK;
  const sender = async () => {
    while (left-- > 0) {
      const begin = performance.now();
      await send();
      ms.push(performance.now() - begin);
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: atOnce }, sender));
  return { ms, seconds: (performance.now() - begin) / 1_000 };
}

function paceOf(blocks: readonly Block[]): Pace {
  const seconds = blocks.reduce((sum, each) => sum + each.seconds, 0);
  const ms = blocks.flatMap((each) => each.ms);
  return { ms, perSecond: ms.length / seconds };
}
