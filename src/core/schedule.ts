import type { Schedule, ScheduledRun } from "../protocol/schedule.ts";

/** Its last time failed, and the next one will come, or has to be made up for by a person. */
export function isFailing({ enabled, last }: Schedule): boolean {
  return enabled && last?.outcome.type === "failed";
}

/** What became of this time, after the one before: a failure that only goes on has its first time kept. */
export function runAfter(before: ScheduledRun | null, run: ScheduledRun): ScheduledRun {
  const { outcome } = run;
  if (outcome.type !== "failed" || before?.outcome.type !== "failed") return run;
  if (before.outcome.message !== outcome.message) return run;
  return { ...run, outcome: before.outcome };
}
