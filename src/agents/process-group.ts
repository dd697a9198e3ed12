import type { AgentProcess } from "./driver.ts";

/** Signals a program and what it started, as far as that stayed in its process group. Nothing when all are gone. */
export function signalGroup({ pid }: Pick<AgentProcess, "pid">, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
