import { DispatchError } from "../base/error.ts";

const MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
type Unit = keyof typeof MS;

/** Each unit at most once, the largest first: `1h30m`, never `30m1h`. */
const FORM = /^(?:(?<d>\d{1,9})d)?(?:(?<h>\d{1,9})h)?(?:(?<m>\d{1,9})m)?(?:(?<s>\d{1,9})s)?$/;
const UNITS: readonly Unit[] = ["d", "h", "m", "s"];
/** Timers take no more than 2^31 - 1 milliseconds, which is 24 days and some hours. */
const MAX_DURATION_MS = 24 * MS.d;

/**
 * Reads `90s`, `20m`, `2h`, `1h30m`, `1d`.
 * @returns milliseconds, above zero
 * @throws DispatchError `invalid` for any other text, zero, and more than 24 days
 */
export function parseDuration(text: string): number {
  const parts = FORM.exec(text.trim().toLowerCase())?.groups ?? {};
  const ms = UNITS.reduce((sum, unit) => sum + Number(parts[unit] ?? 0) * MS[unit], 0);
  if (ms > 0 && ms <= MAX_DURATION_MS) return ms;
  throw new DispatchError("invalid", `${JSON.stringify(text.slice(0, 40))} is no duration`, {
    hint: "write it as 90s, 20m, 2h or 1h30m; 24d is the most",
  });
}

/** Writes milliseconds as `parseDuration` reads them, rounded to a second: `1h30m`, `45s`; `0s` below half a second. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms / MS.s)) * MS.s;
  const parts = UNITS.map((unit) => {
    const count = Math.floor(rest / MS[unit]);
    rest -= count * MS[unit];
    return count > 0 ? `${count}${unit}` : "";
  });
  return parts.join("") || "0s";
}
