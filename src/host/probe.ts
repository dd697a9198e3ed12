import { driverFor } from "../agents/drivers.ts";
import { StartError, type DriverInput } from "../agents/driver.ts";
import { newId } from "../base/id.ts";
import { within } from "../base/within.ts";
import type { Probed } from "../protocol/agent.ts";
import type { Launch } from "../protocol/host.ts";
import { spawnAgent } from "./agent-process.ts";
import { killUntilGone } from "./kill-until-gone.ts";
import { RUN_VARIABLE } from "./process-tree.ts";
import { becomeSubreaper } from "./subreaper.ts";

/**
 * Opens an agent once, without a prompt, and prints what it says of itself. What it started is gone when this resolves.
 * Standard input: one JSON document of our own daemon.
 */
export async function runProbe({ home }: { home: string }): Promise<void> {
  const { launch, limitMs } = (await Bun.stdin.json()) as { launch: Launch; limitMs: number };
  const subreaper = becomeSubreaper();
  const session = newId("ses");
  const late: Probed = {
    models: [],
    failure: { reason: "timeout", message: "the agent did not start in time" },
  };
  const probed = (await within(probe(launch, `${session}:1`), limitMs)) ?? late;
  await killUntilGone({ session, home, isHost: true }, () => undefined);
  subreaper.close();
  await Bun.write(Bun.stdout, JSON.stringify(probed));
}

async function probe(launch: Launch, run: string): Promise<Probed> {
  try {
    const { models } = await driverFor(launch.agent).open(inputOf(launch, run));
    return { models, failure: null };
  } catch (error) {
    const reason = error instanceof StartError ? error.reason : "crashed";
    return { models: [], failure: { reason, message: (error as Error).message } };
  }
}

/** It has no tools of ours, nobody hears it, and nothing that it asks for is allowed. */
function inputOf(launch: Launch, run: string): DriverInput {
  return {
    launch,
    workerTools: null,
    desk: null,
    spawn: (command, { environment, folder }) =>
      spawnAgent(command, { folder, environment: { ...environment, [RUN_VARIABLE]: run } }),
    spawnTerminal: () => Promise.reject(new Error("nobody would see it")),
    hookReports: async () => [],
    sign: () => undefined,
    emit: () => Promise.resolve(),
    named: () => undefined,
    gate: () => Promise.resolve("deny"),
  };
}
