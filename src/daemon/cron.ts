import { Cron } from "croner";
import { DispatchError } from "../base/error.ts";

const EXAMPLES = `"0 9 * * 1-5" is nine o'clock on weekdays, "*/30 * * * *" every half hour, 2026-12-01T09:00 once`;

/**
 * The first time of a pattern after a moment, in milliseconds; null when there is none.
 * @param cron five or six fields of cron (as croner reads them), or one date and time
 * @param timeZone an IANA name; absent: the machine's
 * @throws DispatchError `invalid` for what is no pattern or no time zone
 */
export function nextTime(cron: string, timeZone: string | undefined, after: number): number | null {
  if (timeZone !== undefined) checkTimeZone(timeZone);
  try {
    const next = new Cron(cron, {
      paused: true,
      ...(timeZone === undefined ? {} : { timezone: timeZone }),
    }).nextRun(new Date(after));
    return next?.getTime() ?? null;
  } catch (error) {
    throw new DispatchError("invalid", `no time can be read from ${JSON.stringify(cron)}`, {
      hint: EXAMPLES,
      cause: error,
    });
  }
}

function checkTimeZone(name: string): void {
  try {
    Intl.DateTimeFormat("en", { timeZone: name });
  } catch (cause) {
    throw new DispatchError("invalid", `there is no time zone ${JSON.stringify(name)}`, {
      hint: "give it as Europe/Berlin, America/New_York or UTC",
      cause,
    });
  }
}

/** The machine's own time zone. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
