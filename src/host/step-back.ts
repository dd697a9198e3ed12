import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { readStat } from "../processes/proc.ts";

/** Of nice(2): what others leave. Only so do two hundred busy agents leave a daemon on two processors its time. */
const STEP = constants.priority.PRIORITY_LOW;
/**
 * The kernel lets users change one session's share in a tenth of a second, and says EAGAIN to all others meanwhile: each
 * tries again within three seconds, and five minutes long, so that of hundreds that start at once all have their turn.
 */
const AGAIN_MS = 3_000;
const MAX_TRIES = 200;

/**
 * Lets a process step back behind the daemon and the user's own work. Where the kernel gives each session an equal share
 * (autogroup, sched(7)), its niceness counts among its own processes only, and the share of the session that it leads
 * has to be lowered too; in another's session it lowers nothing but itself.
 */
export function stepBack(pid: number): void {
  setPriority(pid, STEP);
  if (process.platform === "linux") lowerShare(pid, 1);
}

function lowerShare(pid: number, attempt: number): void {
  try {
    if (readStat(pid)?.session !== pid) return; // it leads none
    writeFileSync(`/proc/${pid}/autogroup`, String(STEP));
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code !== "EAGAIN" || attempt === MAX_TRIES) return; // there are no autogroups, or the process is gone
    setTimeout(() => lowerShare(pid, attempt + 1), Math.random() * AGAIN_MS).unref();
  }
}
