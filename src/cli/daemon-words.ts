import type { CallAnswer } from "../protocol/api.ts";
import { formatDuration } from "./duration.ts";

/** A daemon's health in lines; null: none runs. */
export function healthText(health: CallAnswer<"health"> | null): string {
  if (!health) return "The daemon is not running.";
  const { running, queued, limit } = health.workers;
  return [
    `The daemon runs: version ${health.version}, for ${formatDuration(Date.now() - health.startedAt)}.`,
    `Workers: ${running} of ${limit}, ${queued} queued.`,
    health.port === null ? "Listens on its socket only." : `Listens on http://127.0.0.1:${health.port}.`,
    ...health.notices,
  ].join("\n");
}
