import { DispatchError } from "../base/error.ts";
import { SPAN_MS, SPAN_UNITS, spanMs } from "../protocol/span.ts";

/**
 * Reads `90s`, `20m`, `2h`, `1h30m`, `1d`.
 * @returns milliseconds, above zero
 * @throws DispatchError `invalid` for any other text, zero, and more than 24 days
 */
export function parseDuration(text: string): number {
  const ms = spanMs(text);
  if (ms !== null) return ms;
  throw new DispatchError("invalid", `${JSON.stringify(text.slice(0, 40))} is no duration`, {
    hint: "write it as 90s, 20m, 2h or 1h30m; 24d is the most",
  });
}

/** Writes milliseconds as `parseDuration` reads them, rounded to a second: `1h30m`, `45s`; `0s` below half a second. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms / SPAN_MS.s)) * SPAN_MS.s;
  const parts = SPAN_UNITS.map((unit) => {
    const count = Math.floor(rest / SPAN_MS[unit]);
    rest -= count * SPAN_MS[unit];
    return count > 0 ? `${count}${unit}` : "";
  });
  return parts.join("") || "0s";
}
