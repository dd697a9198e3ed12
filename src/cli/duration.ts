import { DispatchError } from "../base/error.ts";
import { spanMs } from "../protocol/span.ts";

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A timer of the runtime takes no more than 2^31 - 1 milliseconds. */
const MAX_MS = 24 * UNITS["d"]!;
const FORM = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/;

/** `90`, `90s`, `10m`, `1.5h`, `1h30m`, `2d` in milliseconds; a bare number is seconds. */
export function parseDuration(text: string): number {
  const match = FORM.exec(text.trim());
  const ms = match ? Math.round(Number(match[1]) * UNITS[match[2] ?? "s"]!) : (spanMs(text) ?? 0);
  if (ms <= 0 || ms > MAX_MS)
    throw new DispatchError("invalid", `${text} is no duration`, {
      hint: "write it as 90s, 10m, 1h30m or 1d; 24d is the most",
    });
  return ms;
}

/** A time span for people, in one unit: `12s`, `3m`, `2h`, `5d`. */
export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${Math.max(0, Math.round(ms / 1_000))}s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)}m`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)}h`;
  return `${Math.round(ms / 86_400_000)}d`;
}
