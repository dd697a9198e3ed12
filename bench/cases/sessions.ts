import { join } from "node:path";
import { homeFiles } from "../../src/base/home.ts";
import type { SessionId } from "../../src/protocol/id.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Bench, Case, Target } from "../bench.ts";
import { end, type Followed, peakOf, spawnFollower, spawnReady } from "../processes.ts";
import { figure, median, quantile, timed } from "../samples.ts";
import { eventsAfter, openStage, position, startDaemon } from "../stage.ts";

const KNOWN = 1_000;
const LIVE = 200;
const LISTS = 200;
const PROMPTS = 200;
/** Between two prompts of somebody who does not hurry. */
const PROMPT_EVERY_MS = 20;
const CLIENTS = 100;
/** Agents that speak while the clients follow, a line in 100 ms each: so each line is an event. */
const SPEAKING = 32;
const LINES_PER_SECOND = 10;
const SECONDS = 10;
/** The time in which all begin or end at once, which is not counted. */
const UNSTEADY_MS = 1_000;

export const sessions: Case = {
  name: "sessions",
  about: `${KNOWN.toLocaleString("en")} sessions are known and ${LIVE} of them have a live agent. One client lists sessions, opens new ones and sends prompts to the live ones, one every ${PROMPT_EVERY_MS} ms, then as fast as they are accepted. Then ${SPEAKING} agents say ${LINES_PER_SECOND} lines a second each for ${SECONDS} seconds while ${CLIENTS} WebSocket clients in one process follow everything, from the commit of an event to its arrival; the first and the last second, when all begin and end at once, are left out. Beside it a bare Bun.serve that sends as many to the same clients.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: LIVE });
    const daemon = await startDaemon(world);
    const live = await enliven(world);
    const create = await samples(KNOWN - LIVE, () => open(world));
    const list = await samples(LISTS, () => world.client.call("listSessions", {}, {}));
    const yes = (at: number) => tell(world, live[at % LIVE]!, "scripted: text yes");
    const paced = await samples(PROMPTS, yes, PROMPT_EVERY_MS);
    const prompt = await samples(PROMPTS, yes);
    const fanOut = steady(await followed(bench, world, live));
    const memory = peakOf(daemon);
    const bare = steady(await followedBare(bench, world.root));
    return {
      rows: [
        ["", "p50 ms", "p99 ms"],
        row("list", list),
        row("open", create),
        row(`prompt, every ${PROMPT_EVERY_MS} ms`, paced),
        row("prompt, without a pause", prompt),
        row(`an event's way, ${figure(rateOf(fanOut))} a second`, fanOut.delays),
        row(`a bare server's, ${figure(rateOf(bare))} a second`, bare.delays),
      ],
      targets: targetsOf({ create, list, paced, fanOut, memory }),
    };
  },
};

function row(what: string, values: readonly number[]): string[] {
  return [what, figure(median(values)), figure(quantile(values, 0.99))];
}

type Measured = Record<"create" | "list" | "paced", number[]> & { fanOut: Followed; memory: number };

function targetsOf({ create, list, paced, fanOut, memory }: Measured): Target[] {
  return [
    { what: "list, p50", value: median(list), limit: 5, unit: "ms" },
    { what: "open, p99", value: quantile(create, 0.99), limit: 10, unit: "ms" },
    { what: "prompt, p50", value: median(paced), limit: 5, unit: "ms" },
    { what: "messages a second", value: rateOf(fanOut), limit: 30_000, unit: "", atLeast: true },
    { what: "an event's way, p99", value: quantile(fanOut.delays, 0.99), limit: 20, unit: "ms" },
    { what: "daemon, peak", value: memory, limit: 150, unit: "MiB" },
  ];
}

async function open(world: World, prompt?: string): Promise<SessionId> {
  const request = { workspace: world.repo, environment: world.environment, ...(prompt ? { prompt } : {}) };
  return (await world.client.call("createSession", {}, request)).session.id;
}

async function tell(world: World, session: SessionId, text: string): Promise<void> {
  await world.client.call("sendMessage", { session }, { text });
}

/** Opens the sessions whose agents live, and resolves when each has ended its first turn. */
async function enliven(world: World): Promise<SessionId[]> {
  const after = await position(world);
  const ids: SessionId[] = [];
  for (let count = 0; count < LIVE; count++) ids.push(await open(world, "scripted: text here"));
  const left = new Set(ids);
  for await (const { event } of eventsAfter(world, after)) {
    if (event.type === "transcript" && event.record.event.type === "turn_ended") left.delete(event.session);
    if (left.size === 0) break;
  }
  return ids;
}

/** What the clients saw of the agents that speak. */
async function followed(bench: Bench, world: World, live: readonly SessionId[]): Promise<Followed> {
  const { socket } = homeFiles(world.home);
  const follower = await spawnFollower([await bench.bare("follow"), socket, String(CLIENTS)], world.root);
  const after = await position(world);
  const speaking = new Set(live.slice(0, SPEAKING));
  const script = `scripted: stream ${LINES_PER_SECOND} ${LINES_PER_SECOND * SECONDS}`;
  for (const id of speaking) await tell(world, id, script);
  for await (const { event } of eventsAfter(world, after)) {
    if (event.type === "transcript" && event.record.event.type === "turn_ended")
      speaking.delete(event.session);
    if (speaking.size === 0) break;
  }
  return await follower.end();
}

/** What the same clients see of a server that does nothing but send. */
async function followedBare(bench: Bench, folder: string): Promise<Followed> {
  const socket = join(folder, "fan.sock");
  const server = await spawnReady([await bench.bare("fan"), socket], { cwd: folder, env: {} });
  const follower = await spawnFollower([await bench.bare("follow"), socket, String(CLIENTS)], folder);
  await Bun.sleep(SECONDS * 1_000);
  const seen = await follower.end();
  await end(server);
  return seen;
}

/** What came when all had begun and none had ended. */
function steady({ times, delays }: Followed): Followed {
  const from = times[0]! + UNSTEADY_MS;
  const to = times.at(-1)! - UNSTEADY_MS;
  const counts = (_: number, at: number) => times[at]! >= from && times[at]! < to;
  return { times: times.filter(counts), delays: delays.filter(counts) };
}

/** Messages a second: agents at the lowest priority may speak more slowly than they are told to. */
function rateOf({ times }: Followed): number {
  return times.length / ((times.at(-1)! - times[0]!) / 1_000);
}

/** @param pause in milliseconds, between one and the next */
async function samples(count: number, work: (at: number) => Promise<unknown>, pause = 0): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < count; at++) {
    all.push(await timed(() => work(at)));
    if (pause > 0) await Bun.sleep(pause);
  }
  return all;
}
