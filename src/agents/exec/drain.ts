import type { AgentProcess } from "../driver.ts";
import { within } from "../../base/within.ts";

/** What a program that is gone may still have in its pipe; a child that holds the pipe open is not waited for. */
const DRAIN_LIMIT_MS = 1_000;

/** Hands on all that a program puts out, as fast as it is taken. Resolves when the program is gone and nothing is left. */
export async function drain(
  process: AgentProcess,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const reader = process.stdout.getReader();
  const reading = { taken: 0, isWaiting: false };
  async function takeAll(): Promise<true> {
    for (;;) {
      reading.isWaiting = true;
      const { done, value } = await reader.read();
      reading.isWaiting = false;
      if (done) return true;
      await take(value);
      reading.taken += 1;
    }
  }
  const all = takeAll();
  await Promise.race([all, process.exited]);
  for (;;) {
    const { taken } = reading;
    if ((await within(all, DRAIN_LIMIT_MS)) === true) break;
    if (reading.isWaiting && reading.taken === taken) break; // whoever takes it may be slow: only silence counts
  }
  await reader.cancel();
  await process.exited;
}
