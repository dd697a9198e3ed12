import type { TaskId } from "../../src/protocol/id.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Case } from "../bench.ts";
import { FINISHED_TASKS, fillStore } from "../full-store.ts";
import { memoryOf } from "../processes.ts";
import { figure, median } from "../samples.ts";
import { openStage, position, processesWith, request, startDaemon, untilAll } from "../stage.ts";

const WORKERS = 8;

export const idle: Case = {
  name: "idle",
  about: `What processes hold that wait: the daemon with ${FINISHED_TASKS.toLocaleString("en")} finished tasks in its store, and the hosts and worker tools of ${WORKERS} tasks whose agents have asked a question (medians). Proportional counts a page that n processes share as 1/n; private counts only what goes when the process does.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: WORKERS });
    fillStore(world);
    const daemon = await startDaemon(world);
    const fresh = memoryOf(daemon);
    await askQuestions(world);
    const hosts = processesWith(world, ["host", "ses_"]).map(memoryOf);
    const tools = processesWith(world, ["mcp", "--worker"]).map(memoryOf);
    const after = memoryOf(daemon);
    const host = median(hosts.map(({ own }) => own));
    return {
      rows: [
        ["process", "resident MiB", "proportional MiB", "private MiB"],
        row("daemon, started", [fresh]),
        row(`daemon, ${WORKERS} tasks wait`, [after]),
        row("host", hosts),
        row("mcp --worker", tools),
      ],
      targets: [
        { what: "idle daemon, resident", value: fresh.resident, limit: 60, unit: "MiB" },
        { what: `daemon with ${WORKERS} tasks, resident`, value: after.resident, limit: 60, unit: "MiB" },
        { what: "host, private", value: host, limit: 12, unit: "MiB" },
      ],
    };
  },
};

function row(name: string, all: readonly ReturnType<typeof memoryOf>[]): string[] {
  const cells = (["resident", "proportional", "own"] as const).map((key) =>
    figure(median(all.map((each) => each[key]))),
  );
  return [name, ...cells];
}

/** Hands over tasks and resolves when each of them waits for an answer. */
async function askQuestions(world: World): Promise<void> {
  const after = await position(world);
  const ids: TaskId[] = [];
  for (let number = 1; number <= WORKERS; number++) {
    const input = request(world, `Ask ${number}`, "scripted: ask Which colour?|red|blue");
    ids.push((await world.client.call("createTask", {}, input)).task.id);
  }
  await untilAll(world, { ids, after, fits: ({ status }) => status.state === "input-required" });
}
