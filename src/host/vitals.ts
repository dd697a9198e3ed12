import type { Vitals } from "../protocol/vitals.ts";
import { readProcessTimes } from "../processes/times.ts";
import { descendants } from "./process-tree.ts";
import { readTraffic } from "./traffic.ts";

/** What everything beneath this host has done since it began: the agent and all that it started. */
export async function readVitals(): Promise<Vitals> {
  const living = descendants(process.pid);
  const times = readProcessTimes(living.map(({ pid }) => pid));
  return {
    processes: Bun.hash(living.map(({ pid, startTime }) => `${pid} ${startTime}`).join("\n")).toString(36),
    cpuMs: times.cpuMs,
    waitedMs: times.waitedMs,
    bytes: times.bytes,
    received: await readTraffic(new Set(living.map(({ pid }) => pid))),
  };
}
