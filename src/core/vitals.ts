import type { Vitals } from "../protocol/vitals.ts";

/** An idle agent's timers take less than this share of one core; a build that prints nothing takes far more. */
const BUSY_SHARE = 0.05;
/** An idle agent's bookkeeping is less than this, in bytes a second. */
const BUSY_BYTES_A_SECOND = 1_024;

/** What has work to do on a machine that is busy with others' waits for a processor more than for anything else. */
const STARVED_SHARE = 0.5;

/**
 * Whether anything was done between two looks: any process came or went, worked or would have, read, wrote, or was sent
 * anything.
 */
export function showsLife(before: Vitals, now: Vitals, elapsedMs: number): boolean {
  return (
    before.processes !== now.processes ||
    now.cpuMs - before.cpuMs >= elapsedMs * BUSY_SHARE ||
    (now.waitedMs ?? 0) - (before.waitedMs ?? 0) >= elapsedMs * STARVED_SHARE ||
    (now.bytes ?? 0) - (before.bytes ?? 0) >= (elapsedMs / 1_000) * BUSY_BYTES_A_SECOND ||
    (now.received ?? 0) > (before.received ?? 0)
  );
}
