import { join } from "node:path";
import { JsonRpcPeer } from "../../src/agents/json-rpc.ts";
import { isEnded } from "../../src/core/run.ts";
import type { PlacedEvent } from "../../src/protocol/event.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Case } from "../bench.ts";
import { end } from "../processes.ts";
import { figure, interleaved, median, quantile, timed } from "../samples.ts";
import { eventsAfter, isCompleted, openStage, position, request, startDaemon } from "../stage.ts";

const ROUNDS = 20;

export const start: Case = {
  name: "start",
  about: `From a task on disk to its agent in conversation: the daemon makes the place (in a git repository, without a worktree) and starts a host, and the host starts the scripted agent. The agent's own part is what a bare Bun program waits that starts the same agent and opens a session with it. ${ROUNDS} rounds.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: 1 });
    await startDaemon(world);
    const runs = await interleaved({ ours: () => startOne(world), bare: () => startBare(world) }, ROUNDS);
    const steps = runs.ours.map(stepsOf);
    const names = Object.keys(steps[0]!) as (keyof Steps)[];
    const bare = median(runs.bare);
    const whole = median(steps.map((each) => each["whole: accepted to in conversation"]));
    const rows = names.map((name) =>
      row(
        name,
        steps.map((each) => each[name]),
      ),
    );
    return {
      rows: [["step", "p50 ms", "p90 ms"], ...rows, row("bare: the agent's own start", runs.bare)],
      targets: [{ what: "our own part, p50", value: whole - bare, limit: 50, unit: "ms" }],
    };
  },
};

function row(name: string, ms: readonly number[]): string[] {
  return [name, figure(median(ms)), figure(quantile(ms, 0.9))];
}

/** When each thing happened, in milliseconds since the epoch, by the events' own time. */
interface Moments {
  accepted: number;
  placed: number;
  hosted: number;
  opened: number;
}

type Steps = ReturnType<typeof stepsOf>;

function stepsOf({ accepted, placed, hosted, opened }: Moments) {
  return {
    "place: accepted to session": placed - accepted,
    "host: session to starting its agent": hosted - placed,
    "agent: started to in conversation": opened - hosted,
    "whole: accepted to in conversation": opened - accepted,
  };
}

async function startOne(world: World): Promise<Moments> {
  const before = await position(world);
  const { task } = await world.client.call(
    "createTask",
    {},
    request(world, "Say hello", "scripted: text hello"),
  );
  const moments: Partial<Moments> = {};
  for await (const placed of eventsAfter(world, before)) {
    note(moments, placed);
    const { event } = placed;
    if (event.type === "task" && event.task.id === task.id && isEnded(event.task)) {
      if (isCompleted(event.task)) break;
      throw new Error(JSON.stringify(event.task.status));
    }
  }
  return moments as Moments;
}

function note(moments: Partial<Moments>, { at, event }: PlacedEvent): void {
  if (event.type === "task") moments.accepted ??= at;
  if (event.type === "session") moments.placed ??= at;
  if (event.type !== "transcript") return;
  if (event.record.event.type === "started") moments.hosted ??= event.record.at;
  if (event.record.event.type === "conversation") moments.opened ??= event.record.at;
}

async function startBare(world: World): Promise<number> {
  const agent = join(import.meta.dir, "../../src/agents/scripted/agent.ts");
  let child: Bun.Subprocess<"pipe", "pipe", "inherit"> | undefined;
  const ms = await timed(async () => {
    child = Bun.spawn([process.execPath, "--no-env-file", "--config=/dev/null", agent], {
      cwd: world.repo,
      env: world.environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    await openSession(child, world.repo);
  });
  await end(child!);
  return ms;
}

async function openSession(child: Bun.Subprocess<"pipe", "pipe", "inherit">, cwd: string): Promise<void> {
  const peer = new JsonRpcPeer({
    async send(line) {
      void child.stdin.write(line);
      await child.stdin.flush();
    },
  });
  void peer.read(child.stdout);
  await peer.request("initialize", { protocolVersion: 1, clientCapabilities: {} });
  await peer.request("session/new", { cwd, mcpServers: [] });
}
