import { homeFiles } from "../../src/base/home.ts";
import type { SessionId } from "../../src/protocol/id.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Bench, Case, Target } from "../bench.ts";
import { type Followed, peakOf, spawnFollower } from "../processes.ts";
import { figure, median, quantile, timed } from "../samples.ts";
import { eventsAfter, openStage, position, startDaemon } from "../stage.ts";

const KNOWN = 1_000;
const LIVE = 200;
const LISTS = 200;
const PROMPTS = 200;
const CLIENTS = 100;
/** Agents that speak while the clients follow; a host joins the text of 50 ms into one event, so each makes 20 a second at the most. */
const SPEAKING = 17;
const LINES_PER_SECOND = 40;
const SECONDS = 10;

export const sessions: Case = {
  name: "sessions",
  about: `${KNOWN.toLocaleString("en")} sessions are known and ${LIVE} of them have a live agent. One client lists sessions, opens new ones and sends prompts to the live ones, one after the other. Then ${SPEAKING} agents speak for ${SECONDS} seconds while ${CLIENTS} WebSocket clients in one process follow everything, from the commit of an event to its arrival.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: LIVE });
    const daemon = await startDaemon(world);
    const live = await enliven(world);
    const create = await samples(KNOWN - LIVE, () => open(world));
    const list = await samples(LISTS, () => world.client.call("listSessions", {}, {}));
    const prompt = await samples(PROMPTS, (at) => tell(world, live[at % LIVE]!, "scripted: text yes"));
    const fanOut = await followed(bench, world, live);
    const memory = peakOf(daemon);
    return {
      rows: [
        ["", "p50 ms", "p99 ms"],
        ["list", figure(median(list)), figure(quantile(list, 0.99))],
        ["open", figure(median(create)), figure(quantile(create, 0.99))],
        ["prompt", figure(median(prompt)), figure(quantile(prompt, 0.99))],
        [
          `an event's way, ${figure(rateOf(fanOut))} a second`,
          figure(median(fanOut.delays)),
          figure(quantile(fanOut.delays, 0.99)),
        ],
      ],
      targets: targetsOf({ create, list, prompt, fanOut, memory }),
    };
  },
};

type Measured = Record<"create" | "list" | "prompt", number[]> & { fanOut: Followed; memory: number };

function targetsOf({ create, list, prompt, fanOut, memory }: Measured): Target[] {
  return [
    { what: "list, p50", value: median(list), limit: 5, unit: "ms" },
    { what: "open, p99", value: quantile(create, 0.99), limit: 10, unit: "ms" },
    { what: "prompt, p50", value: median(prompt), limit: 5, unit: "ms" },
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

/** Messages a second: agents at the lowest priority may speak more slowly than they are told to. */
function rateOf({ delays, seconds }: Followed): number {
  return delays.length / seconds;
}

async function samples(count: number, work: (at: number) => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < count; at++) all.push(await timed(() => work(at)));
  return all;
}
