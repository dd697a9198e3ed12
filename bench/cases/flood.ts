import type { TaskId } from "../../src/protocol/id.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Bench, Case, Result, Target } from "../bench.ts";
import { cpuSecondsOf, memoryOf, peakOf } from "../processes.ts";
import { figure, median, quantile, timed } from "../samples.ts";
import { eventsAfter, isCompleted, openStage, position, request, startDaemon, untilAll } from "../stage.ts";
import { setInterval } from "node:timers/promises";

const LINES_PER_SECOND = 100;
const SECONDS = 10;
const LINES = LINES_PER_SECOND * SECONDS;
/** Time between two requests for the list of tasks, beside the flood. */
const ASK_MS = 20;
const START_SIGNAL = "go.txt";
const SCRIPT = `scripted: wait-file ${START_SIGNAL}\nscripted: stream ${LINES_PER_SECOND} ${LINES}`;
/** Tasks that the client asks for. */
const LISTED = 20;

interface Figures {
  /** Of the client's requests for the list. */
  readonly p99: number;
  /** The most that the daemon had in memory so far, in MiB. */
  readonly peak: number;
}

/** Few workers, and so many that two cores are busy with them alone. */
export const flood = caseOf("flood", 20, () => []);
export const crowd = caseOf("crowd", 200, ({ p99, peak }) => [
  { what: "GET /tasks meanwhile, p99", value: p99, limit: 250, unit: "ms" },
  { what: "daemon, peak", value: peak, limit: 150, unit: "MiB" },
]);

function caseOf(name: string, workers: number, targetsOf: (figures: Figures) => Target[]): Case {
  return {
    name,
    about: `${workers} workers that say ${LINES_PER_SECOND} lines a second each for ${SECONDS} seconds, all at once, until their tasks have ended and every line is in the store. A host joins the text of 50 ms into one event. Meanwhile a client lists the tasks every ${ASK_MS} ms.`,
    run: (bench) => run(bench, workers, targetsOf),
  };
}

async function run(
  bench: Bench,
  workers: number,
  targetsOf: (figures: Figures) => Target[],
): Promise<Result> {
  await using world = openStage(bench, { workers });
  const daemon = await startDaemon(world);
  const ids = await gather(world, workers);
  const cpuBefore = cpuSecondsOf(daemon);
  const after = await position(world);
  const asking = new AbortController();
  const asked = ask(world, asking.signal);
  const ms = await timed(async () => {
    world.write(START_SIGNAL, "go\n");
    await untilAll(world, { ids, after, fits: isCompleted });
  });
  asking.abort();
  const answers = await asked;
  const cpu = cpuSecondsOf(daemon) - cpuBefore;
  const peak = peakOf(daemon);
  const atEnd = memoryOf(daemon).resident;
  const events = (await position(world)).seq - after.seq;
  const said = await Promise.all(ids.map((id) => saidBy(world, id)));
  const kept = said.reduce((sum, { text }) => sum + linesKept(text), 0);
  const span = Math.max(...said.map(({ last }) => last)) - Math.min(...said.map(({ first }) => first));
  const rate = kept / workers / (span / 1_000);
  const p99 = quantile(answers, 0.99);
  return {
    rows: [
      ["", ""],
      ["lines said", (workers * LINES).toLocaleString("en")],
      ["lines kept in order", kept.toLocaleString("en")],
      [`lines a second of each worker, of ${LINES_PER_SECOND} asked for`, figure(rate)],
      ["events", events.toLocaleString("en")],
      ["seconds", figure(ms / 1_000)],
      ["daemon's processor seconds", figure(cpu)],
      ["daemon's share of a core", `${figure((100 * cpu) / (ms / 1_000))} %`],
      ["daemon's memory, peak MiB", figure(peak)],
      ["daemon's memory at the end, MiB", figure(atEnd)],
      [`GET /tasks, p50 ms of ${answers.length}`, figure(median(answers))],
      ["GET /tasks, p99 ms", figure(p99)],
    ],
    targets: [
      { what: "lines lost", value: workers * LINES - kept, limit: 0, unit: "" },
      ...targetsOf({ p99, peak }),
    ],
  };
}

/** Hands over the tasks and resolves when every agent waits for the signal. */
async function gather(world: World, workers: number): Promise<TaskId[]> {
  const after = await position(world);
  const ids: TaskId[] = [];
  for (let number = 1; number <= workers; number++) {
    const input = request(world, `Stream ${number}`, SCRIPT);
    ids.push((await world.client.call("createTask", {}, input)).task.id);
  }
  const left = new Set<TaskId | null>(ids);
  for await (const { event } of eventsAfter(world, after)) {
    if (event.type === "session" && event.session.status.state === "busy") left.delete(event.session.task);
    if (left.size === 0) break;
  }
  return ids;
}

/** Lists the tasks at intervals until the signal. @returns how long each answer took, in milliseconds */
async function ask(world: World, signal: AbortSignal): Promise<number[]> {
  const samples: number[] = [];
  for await (const _ of setInterval(ASK_MS)) {
    if (signal.aborted) break;
    samples.push(await timed(() => world.client.call("listTasks", {}, { limit: LISTED })));
  }
  return samples;
}

/** What the agent of a task said, as the store has it, and when its host wrote the first and the last of it. */
async function saidBy(world: World, task: TaskId): Promise<{ text: string; first: number; last: number }> {
  let text = "";
  let first = Infinity;
  let last = -Infinity;
  for (let after = 0, more = true; more;) {
    const page = await world.client.call("getTranscript", { task }, { after });
    for (const { event } of page.events) {
      if (event.type !== "transcript" || event.record.event.type !== "text") continue;
      text += event.record.event.text;
      first = Math.min(first, event.record.at);
      last = Math.max(last, event.record.at);
    }
    ({ more } = page);
    after = page.position.seq;
  }
  return { text, first, last };
}

/** Lines that are the next number after the one before. */
function linesKept(text: string): number {
  let kept = 0;
  for (const line of text.trimEnd().split("\n")) if (Number(line) === kept + 1) kept += 1;
  return kept;
}
