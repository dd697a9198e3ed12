import { linesOf } from "../../test/e2e/lines.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Case } from "../bench.ts";
import { figure, interleaved, median, quantile, ratio } from "../samples.ts";
import { openStage, startDaemon } from "../stage.ts";

const ROUNDS = 40;
const HELLO = {
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
};

/** From the start of the process, in milliseconds. */
interface Started {
  readonly greeted: number;
  readonly listed: number;
}

export const mcp: Case = {
  name: "mcp",
  about: `\`dispatch mcp\`, which every agent session waits for: from the start of the process until \`initialize\` is answered, and until its tools are listed, outside of Dispatch and in one of its sessions. Beside it a bare Bun program (compiled alike) that answers the same requests with nothing in them. ${ROUNDS} rounds.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: 1 });
    await startDaemon(world);
    const { session } = await world.client.call("createSession", {}, { workspace: world.repo });
    const bare = [await bench.bare("initialize")];
    const runs = await interleaved(
      {
        dispatch: () => start(world, [...world.self, "mcp"]),
        inside: () => start(world, [...world.self, "mcp"], { DISPATCH_RUN: `${session.id}:1` }),
        bare: () => start(world, bare),
      },
      ROUNDS,
    );
    const base = median(runs.bare.map(({ greeted }) => greeted));
    const row = (name: string, all: readonly Started[]) => {
      const greeted = all.map((each) => each.greeted);
      const listed = all.map((each) => each.listed);
      const times = [median(greeted), quantile(greeted, 0.9), median(listed)].map(figure);
      return [name, ...times, ratio(median(greeted), base)];
    };
    const own = median(runs.dispatch.map(({ greeted }) => greeted));
    return {
      rows: [
        ["program", "initialize p50 ms", "p90 ms", "tools p50 ms", "to bare Bun"],
        row("dispatch mcp", runs.dispatch),
        row("dispatch mcp, in a session", runs.inside),
        row("bare Bun", runs.bare),
      ],
      targets: [{ what: "initialize answered, p50", value: own, limit: 50, unit: "ms" }],
    };
  },
};

async function start(
  world: World,
  command: string[],
  environment: Record<string, string> = {},
): Promise<Started> {
  const begin = performance.now();
  const child = Bun.spawn(command, {
    cwd: world.repo,
    env: { ...world.environment, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = linesOf(child.stdout);
  const ask = async (id: number, request: object) => {
    await child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...request })}\n`);
    await child.stdin.flush();
    const { value } = await lines.next();
    const answer = JSON.parse(value ?? "{}") as { id?: number; result?: object };
    if (answer.id !== id || !answer.result) throw new Error(`${command[0]} answered ${value}`);
    return performance.now() - begin;
  };
  const greeted = await ask(1, HELLO);
  const listed = await ask(2, { method: "tools/list" });
  await child.stdin.end();
  await child.exited;
  return { greeted, listed };
}
