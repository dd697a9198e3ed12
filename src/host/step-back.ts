import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";

/** Of nice(2): what others leave. Only so do two hundred busy agents leave a daemon on two processors its time. */
const STEP = constants.priority.PRIORITY_LOW;

/**
 * Lets a process that leads a session of its own step back behind the daemon and the user's own work. Where the kernel
 * gives each session an equal share (autogroup, sched(7)), its niceness counts among its own processes only, and the
 * session's has to be lowered too.
 */
export function stepBack(pid: number): void {
  setPriority(pid, STEP);
  if (process.platform !== "linux") return;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(STEP));
  } catch (error) {
    // No autogroups (ENOENT), the process is gone (ESRCH), or too many were changed within a moment (EAGAIN).
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}
