import { connectJson } from "../base/json-socket.ts";
import { readHookEvent, reportOf } from "./hook-input.ts";

/** What a report may take of its agent's time, in milliseconds; a host answers in a few, on a busy machine in more. */
const REPORT_MS = 2_000;

/**
 * `dispatch hook report --to SOCKET --agent AGENT`: tells the host of the session what its agent's hook says, and waits
 * until it is taken, so that reports keep the order of what happened. Nothing is said, whatever goes wrong: the host
 * sees on the screen what it is not told.
 */
export async function reportHook([, socket = "", , agent = ""]: readonly string[]): Promise<void> {
  const over = AbortSignal.timeout(REPORT_MS);
  await Promise.race([ended(over), told(socket, agent).catch(() => undefined)]);
}

async function told(socket: string, agent: string): Promise<void> {
  const report = reportOf(await readHookEvent(), agent);
  if (report === null) return;
  const taken = Promise.withResolvers<void>();
  const host = await connectJson(socket, () => ({
    onMessage: () => taken.resolve(),
    onClose: () => taken.resolve(),
  }));
  host.send(report);
  await taken.promise;
  host.close();
}

function ended(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
