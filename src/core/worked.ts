import type { Attempt } from "../protocol/task.ts";
import type { Used } from "./budget.ts";
import { type Run, isOpen } from "./run.ts";

/** How long the attempts of a task worked, in milliseconds; waiting for people and for limits is no work. */
export function workedMs(attempts: readonly Attempt[], now: number): number {
  return attempts
    .filter(({ session }) => session !== null)
    .reduce((sum, { startedAt, endedAt, waitingSince, waitedMs }) => {
      return sum + Math.max(0, (waitingSince ?? endedAt ?? now) - startedAt - waitedMs);
    }, 0);
}

/** What the attempts of a run have used by now. */
export function usedBy({ task, attempt, earlierMs }: Run, now: number): Used {
  return { ...task.spent, timeMs: earlierMs + workedMs([attempt], now) };
}

/** The run whose attempt knows since when it waits for a person or a limit, and how long it did so before. */
export function withWait(run: Run, now: number): Run {
  const { attempt } = run;
  const { waitingSince, waitedMs } = attempt;
  if (waits(run) === (waitingSince !== null)) return run;
  const waited =
    waitingSince === null
      ? { waitingSince: now }
      : { waitingSince: null, waitedMs: waitedMs + Math.max(0, now - waitingSince) };
  return { ...run, attempt: { ...attempt, ...waited } };
}

/** The run whose agent was lost, and did not work any more from when something was last heard of it. */
export function withAbsence(run: Run, heardAt: number | null, now: number): Run {
  const { attempt } = run;
  if (heardAt === null || attempt.waitingSince !== null) return run;
  const awayMs = Math.max(0, now - Math.max(heardAt, attempt.startedAt));
  return { ...run, attempt: { ...attempt, waitedMs: attempt.waitedMs + awayMs } };
}

function waits({ task, session, approvals }: Run): boolean {
  const { status } = session;
  const atTerminal = status.state === "busy" && status.waiting !== null;
  const asks = task.status.state === "input-required" || atTerminal || approvals.some(isOpen);
  return asks || task.parked !== null;
}
