import type { Schedule } from "../protocol/schedule.ts";
import { type Look, table } from "./output.ts";

/** Schedules as a list: name, when next, what, what became of the last time. */
export function scheduleTable(schedules: readonly Schedule[], look: Look): string {
  const rows = schedules.map((schedule) => [
    look.bold(schedule.name),
    schedule.cron,
    nextText(schedule),
    lastText(schedule),
    schedule.action.type === "task" ? schedule.action.request.prompt : schedule.action.text,
  ]);
  return table(rows, look);
}

/** When it begins next, in its own time zone. */
export function nextText({ enabled, next, timeZone }: Schedule): string {
  if (!enabled) return "off";
  if (next === null) return "over";
  return `${new Date(next).toLocaleString("sv-SE", { timeZone }).slice(0, 16)} ${timeZone}`;
}

/** What became of the last time. */
export function lastText({ last }: Schedule): string {
  if (!last) return "";
  switch (last.outcome.type) {
    case "task":
      return `began ${last.outcome.task}`;
    case "message":
      return `sent to ${last.outcome.session}`;
    case "skipped":
      return last.outcome.because === "missed" ? "missed" : "left out: the last one still runs";
    case "failed":
      return `failed: ${last.outcome.message}`;
  }
}
