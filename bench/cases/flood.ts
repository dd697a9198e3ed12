import type { TaskId } from "../../src/protocol/id.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Case } from "../bench.ts";
import { cpuSecondsOf } from "../processes.ts";
import { figure, median, quantile, timed } from "../samples.ts";
import { eventsAfter, isCompleted, openStage, position, request, startDaemon, untilAll } from "../stage.ts";
import { setInterval } from "node:timers/promises";

const WORKERS = 20;
const LINES_PER_SECOND = 100;
const SECONDS = 10;
const LINES = LINES_PER_SECOND * SECONDS;
/** Time between two requests for the list of tasks, beside the flood. */
const ASK_MS = 20;
const START_SIGNAL = "go.txt";
const SCRIPT = `scripted: wait-file ${START_SIGNAL}\nscripted: stream ${LINES_PER_SECOND} ${LINES}`;

export const flood: Case = {
  name: "flood",
  about: `${WORKERS} workers that say ${LINES_PER_SECOND} lines a second each for ${SECONDS} seconds, all at once, until their tasks have ended and every line is in the store. A host joins the text of 50 ms into one event. Meanwhile a client lists the tasks every ${ASK_MS} ms.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: WORKERS });
    const daemon = await startDaemon(world);
    const ids = await gather(world);
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
    const events = (await position(world)).seq - after.seq;
    const texts = await Promise.all(ids.map((id) => textOf(world, id)));
    const kept = texts.reduce((sum, text) => sum + linesKept(text), 0);
    const p99 = quantile(answers, 0.99);
    return {
      rows: [
        ["", ""],
        ["lines said", (WORKERS * LINES).toLocaleString("en")],
        ["lines kept in order", kept.toLocaleString("en")],
        ["events", events.toLocaleString("en")],
        ["seconds", figure(ms / 1_000)],
        ["daemon's processor seconds", figure(cpu)],
        ["daemon's share of a core", `${figure((100 * cpu) / (ms / 1_000))} %`],
        [`GET /tasks, p50 ms of ${answers.length}`, figure(median(answers))],
        ["GET /tasks, p99 ms", figure(p99)],
      ],
      targets: [{ what: "lines lost", value: WORKERS * LINES - kept, limit: 0, unit: "" }],
    };
  },
};

/** Hands over the tasks and resolves when every agent waits for the signal. */
async function gather(world: World): Promise<TaskId[]> {
  const after = await position(world);
  const ids: TaskId[] = [];
  for (let number = 1; number <= WORKERS; number++) {
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
    samples.push(await timed(() => world.client.call("listTasks", {}, { limit: WORKERS })));
  }
  return samples;
}

/** What the agent of a task said, as the store has it. */
async function textOf(world: World, task: TaskId): Promise<string> {
  let text = "";
  for (let after = 0, more = true; more;) {
    const page = await world.client.call("getTranscript", { task }, { after });
    for (const { event } of page.events)
      if (event.type === "transcript" && event.record.event.type === "text") text += event.record.event.text;
    ({ more } = page);
    after = page.position.seq;
  }
  return text;
}

/** Lines that are the next number after the one before. */
function linesKept(text: string): number {
  let kept = 0;
  for (const line of text.trimEnd().split("\n")) if (Number(line) === kept + 1) kept += 1;
  return kept;
}
