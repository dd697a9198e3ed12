const MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
export type SpanUnit = keyof typeof MS;
/** The largest first. */
export const SPAN_UNITS: readonly SpanUnit[] = ["d", "h", "m", "s"];
export const SPAN_MS: Readonly<Record<SpanUnit, number>> = MS;

/** Each unit at most once, the largest first: `1h30m`, never `30m1h`. */
const FORM = /^(?:(?<d>\d{1,9})d)?(?:(?<h>\d{1,9})h)?(?:(?<m>\d{1,9})m)?(?:(?<s>\d{1,9})s)?$/;
/** Timers take no more than 2^31 - 1 milliseconds, which is 24 days and some hours. */
const MAX_SPAN_MS = 24 * MS.d;

/** The milliseconds of `90s`, `20m`, `1h30m`, `1d`; null for any other text, zero, and more than 24 days. */
export function spanMs(text: string): number | null {
  const parts = FORM.exec(text.trim().toLowerCase())?.groups ?? {};
  const ms = SPAN_UNITS.reduce((sum, unit) => sum + Number(parts[unit] ?? 0) * MS[unit], 0);
  return ms > 0 && ms <= MAX_SPAN_MS ? ms : null;
}
