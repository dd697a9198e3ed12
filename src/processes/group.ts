import { within } from "../base/within.ts";

/** What a program gets to end by itself. */
const TERM_GRACE_MS = 2_000;

/** Signals a program and what it started, as far as that stayed in its process group. Nothing when all are gone. */
export function signalGroup({ pid }: { readonly pid: number }, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** SIGTERM to the group, and SIGKILL to what is left when its leader went or the grace is over. */
export async function endGroup(process: {
  readonly pid: number;
  readonly exited: Promise<unknown>;
}): Promise<void> {
  signalGroup(process, "SIGTERM");
  await within(process.exited, TERM_GRACE_MS);
  signalGroup(process, "SIGKILL");
}
