import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homeFiles } from "../../src/base/home.ts";
import type { Happened } from "../../src/cli/happening.ts";
import { followStream } from "../../src/client/stream.ts";
import type { SweepDetail } from "../../src/protocol/sweep.ts";
import type { FailureReason } from "../../src/protocol/task.ts";
import { AGENT, World } from "../e2e/world.ts";
import { Chance } from "./chance.ts";

setDefaultTimeout(280_000);

const TASKS = 30;
const MAX_AFTER = 3;
const MAX_KILLS = 14;
/** Events between two deaths of the daemon, at the most. */
const KILL_WITHIN = 60;

/** What goes wrong in a task. `fails`: how its first attempt ends; none: it is done all the same. */
interface Fault {
  readonly steps: (world: World) => string[];
  readonly fails?: FailureReason;
  /** It never comes to its work. */
  readonly unstarted?: true;
  readonly fields?: object;
}

const FINE: Fault = { steps: () => [] };

/** A turn that an agent dies in is told to it again: what it did before is not to be in that one. */
const SECOND_TURN = ["stop end_turn"];

const FAULTS: Record<string, Fault> = {
  fine: FINE,
  crash: { steps: () => [...SECOND_TURN, "crash", "tick 1"], fields: { plan: ["work"] } },
  crashes: {
    steps: (world) => [...SECOND_TURN, `run test -e ${fixed(world)} || kill -9 $PPID`, "tick 1"],
    fails: "agent-error",
    fields: { plan: ["work"] },
  },
  stall: {
    steps: (world) => [...SECOND_TURN, `hang ${fixed(world)}`, "tick 1"],
    fails: "timeout",
    fields: { plan: ["work"] },
  },
  login: { steps: () => [], fails: "setup", unstarted: true, fields: { model: "locked" } },
  rubbish: { steps: () => ["rubbish", "text {]"] },
  question: { steps: () => ["ask Which one?"] },
  limit: { steps: () => [...SECOND_TURN, "limit 1", "tick 1"], fields: { plan: ["work"] } },
  flood: { steps: () => ["flood 2000 100"] },
};

interface Planned {
  readonly name: string;
  readonly after: string[];
  readonly fault: Fault;
  readonly worktree: boolean;
}

function fixed(world: World): string {
  return join(world.root, "fixed");
}

/** Where a task writes down that it began to work: a line for each time. */
function marks(world: World, name: string): string {
  return join(world.root, `marks-${name}`);
}

function planned(chance: Chance): Planned[] {
  const kinds = Object.keys(FAULTS);
  return Array.from({ length: TASKS }, (_, at) => {
    const before = Array.from(
      { length: chance.upTo(Math.min(at, MAX_AFTER) + 1) },
      () => `t${chance.upTo(at)}`,
    );
    // Every kind of fault is there; most tasks have none, so that the graph goes deep.
    const kind = at < kinds.length ? kinds[at]! : chance.upTo(5) > 0 ? "fine" : chance.of(kinds);
    return {
      name: `t${at}`,
      after: [...new Set(before)],
      fault: FAULTS[kind]!,
      worktree: chance.upTo(2) === 0,
    };
  });
}

function fileOf(world: World, tasks: readonly Planned[]): string {
  const list = tasks.map(({ name, after, fault, worktree }) => ({
    name,
    after,
    worktree,
    prompt: [
      `Work as ${name}`,
      `scripted: run echo ran >> ${marks(world, name)}`,
      ...fault.steps(world).map((step) => `scripted: ${step}`),
      `scripted: edit ${name}.txt ${name}`,
      "scripted: finish done",
    ].join("\n"),
    ...fault.fields,
  }));
  return JSON.stringify({ name: "graph", tasks: list });
}

/** How the rules say that the first attempts end. */
function expected(tasks: readonly Planned[]): Map<string, string> {
  const ends = new Map<string, string>();
  for (const { name, after, fault } of tasks) {
    const isFree = after.every((each) => ends.get(each) === "completed");
    ends.set(name, isFree ? (fault.fails ?? "completed") : "blocked");
  }
  return ends;
}

function endsOf({ tasks }: SweepDetail): Map<string, string> {
  return new Map(
    tasks.map(({ task }) => {
      const { status, blockedBy } = task;
      if (status.state === "failed") return [task.slug, status.reason];
      return [task.slug, status.state === "submitted" && blockedBy.length > 0 ? "blocked" : status.state];
    }),
  );
}

/** Waits for the sweep and answers what it asks, while the daemon dies again and again. */
async function driven(world: World, chance: Chance): Promise<SweepDetail> {
  const over = new AbortController();
  const killing = killAgain(world, chance, over.signal);
  for (;;) {
    const { code, stdout, stderr } = await world.run("wait", "graph", "--json");
    if (code !== 4 && code > 1) throw new Error(stderr);
    if (code !== 4) break;
    const { happening, task } = JSON.parse(stdout) as Happened; // a flag that is told needs nothing more
    if (happening.type === "question") await world.ok("answer", task.slug, "that one");
  }
  over.abort();
  await killing;
  return world.json<SweepDetail>("status", "graph");
}

async function killAgain(world: World, chance: Chance, signal: AbortSignal): Promise<void> {
  for (let kill = 0; kill < MAX_KILLS && !signal.aborted; kill++) {
    await after(world, 1 + chance.upTo(KILL_WITHIN), signal);
    if (!signal.aborted) await world.killDaemon();
  }
}

/** Waits for so many events of anybody. */
async function after(world: World, events: number, signal: AbortSignal): Promise<void> {
  await world.client.call("health", {}, {});
  const over = new AbortController();
  const stream = followStream({
    socket: homeFiles(world.home).socket,
    topics: ["tasks"],
    signal: AbortSignal.any([signal, over.signal]),
  });
  for (let seen = 0; seen < events && !signal.aborted; seen++) if ((await stream.next()).done) break;
  over.abort();
}

function ran(world: World, name: string): number {
  const file = marks(world, name);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

/** The watchdog reminded it, started its agent anew, and told a person when it gave up. */
async function checkStalled(world: World, name: string): Promise<void> {
  const { task, attempts, flags } = await world.task(name);
  expect(task.status).toMatchObject({ message: "stalled: no sign of life for 2s" });
  expect(attempts).toMatchObject([{ stalls: 3 }]);
  expect(flags).toMatchObject([{ text: expect.stringContaining("though it was reminded") }]);
  expect((await world.told(name)).join("\n")).toContain("There was no sign of life from you for 2s");
}

test("a graph of tasks with every kind of fault ends as the rules say, and each task runs as often as it should", async () => {
  await using world = new World();
  const locked = join(world.root, "locked.sh");
  writeFileSync(locked, `test -e ${fixed(world)} || export SCRIPTED_START=login\nexec "$@"\n`);
  const backend = (...command: string[]) =>
    `{ command: ${JSON.stringify(command.join(" "))}, protocol: acp }`;
  world.config(
    `default: scripted\nlimits: { concurrent: 6, stall: 2s }\nbackends:\n  scripted: ${backend(...AGENT)}\n  locked: ${backend("sh", locked, ...AGENT)}\n`,
  );
  const chance = new Chance("graph");
  const tasks = planned(chance);
  writeFileSync(join(world.root, "tasks.json"), fileOf(world, tasks));
  await world.ok("run", "-f", "../tasks.json");
  await world.killDaemon();

  const first = await driven(world, chance);
  const rules = expected(tasks);
  expect(Object.fromEntries(endsOf(first))).toEqual(Object.fromEntries(rules));
  for (const { name, fault } of tasks)
    expect([name, ran(world, name)]).toEqual([
      name,
      rules.get(name) === "blocked" || fault.unstarted ? 0 : 1,
    ]);
  for (const [name] of [...rules].filter(([, end]) => end === "timeout")) await checkStalled(world, name);

  writeFileSync(fixed(world), "");
  for (const { task } of first.tasks.filter(({ task }) => task.status.state === "failed"))
    await world.ok("retry", task.slug);
  const last = await driven(world, chance);
  expect(new Set(endsOf(last).values())).toEqual(new Set(["completed"]));
  for (const { name, fault, after } of tasks) {
    const retried = fault.fails !== undefined && rules.get(name) !== "blocked";
    const { task, attempts } = await world.task(name);
    expect([name, attempts.length]).toEqual([name, retried ? 2 : 1]);
    expect([name, ran(world, name)]).toEqual([name, retried && !fault.unstarted ? 2 : 1]);
    const built = after.filter(
      (each) => task.worktree && tasks.some((one) => one.name === each && one.worktree),
    );
    for (const each of built) expect(existsSync(join(task.worktree!.path, `${each}.txt`))).toBe(true);
  }
  expect(world.processes("scripted/agent.ts")).toEqual([]);
});
