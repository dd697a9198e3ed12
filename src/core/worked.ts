import type { Attempt } from "../protocol/task.ts";

/** How long the attempts of a task worked, in milliseconds; waiting for people is no work. */
export function workedMs(attempts: readonly Attempt[], now: number): number {
  return attempts
    .filter(({ session }) => session !== null)
    .reduce((sum, { startedAt, endedAt, waitedMs }) => {
      return sum + Math.max(0, (endedAt ?? now) - startedAt - waitedMs);
    }, 0);
}
