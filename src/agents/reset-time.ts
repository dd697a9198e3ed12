/** A time that is further away than this is a misreading. */
const FURTHEST_MS = 370 * 24 * 60 * 60 * 1_000;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SPAN =
  /\b(?:again|retry|resets?|reset|available)\s+(?:in|after)\s+(?<span>(?:\d+(?:\.\d+)?\s*(?:ms|millis\w*|s(?:ec\w*)?|m(?:in\w*)?|h(?:ours?|rs?)?|d(?:ays?)?)(?![a-z])(?:[\s,]|and\s)*|\d+(?:\.\d+)?[dhms])+)/i;
const PART = /(?<count>\d+(?:\.\d+)?)\s*(?<unit>ms|millis|s|m|h|d)/gi;
/** Headers and fields that name seconds from now, as they stand in a message: `retryDelay":"51s"`, `retry-after: 20`. */
const SECONDS =
  /(?:retry[-_]?after|retryDelay|resets?_in_seconds)["']?\s*[:=]\s*["']?(?<seconds>\d+(?:\.\d+)?)/i;
/** `Claude AI usage limit reached|1760000400`, `resets_at: 1760000400`. */
const EPOCH = /(?:\||resets?[-_]?at["']?\s*[:=]\s*["']?)(?<epoch>\d{13}|\d{10})\b/i;
const ISO = /\b(?:resets?|again|until)\b[^.]{0,20}?(?<iso>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))/i;
/** `resets 3pm (Europe/Berlin)`, `resets Aug 8 at 3:30pm`, `try again at Aug 8th, 2026 3:45 PM`. */
const CLOCK =
  /\b(?:resets?|again)\s+(?:at\s+|on\s+)?(?:(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?<day>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?<year>\d{4}))?(?:,?\s*(?:at\s+)?))?(?:(?<hour>\d{1,2})(?::(?<minute>\d\d))?\s*(?<half>[ap]m)?)?(?:\s*\((?<zone>[\w+/-]+)\))?/gi;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/**
 * When a message says that something is to be had again, in milliseconds since 1970; null where it does not say. A time
 * of day without a zone is the machine's own.
 */
export function resetTimeIn(text: string, now: number): number | null {
  const at = epochIn(text) ?? secondsIn(text, now) ?? spanIn(text, now) ?? isoIn(text) ?? clockIn(text, now);
  return at !== null && Math.abs(at - now) <= FURTHEST_MS ? at : null;
}

/** A point in time that a field gives, which may be in seconds or in milliseconds. */
export function pointInTime(value: number): number {
  return value < 100_000_000_000 ? value * 1_000 : value;
}

function epochIn(text: string): number | null {
  const epoch = EPOCH.exec(text)?.groups!["epoch"];
  return epoch === undefined ? null : pointInTime(Number(epoch));
}

function secondsIn(text: string, now: number): number | null {
  const seconds = SECONDS.exec(text)?.groups!["seconds"];
  return seconds === undefined ? null : now + Number(seconds) * 1_000;
}

function spanIn(text: string, now: number): number | null {
  const span = SPAN.exec(text)?.groups!["span"];
  if (span === undefined) return null;
  const parts = [...span.matchAll(PART)].map(({ groups }) => {
    const unit = groups!["unit"]!.toLowerCase();
    return Number(groups!["count"]) * UNIT_MS[unit === "millis" ? "ms" : (unit as keyof typeof UNIT_MS)];
  });
  return Math.round(parts.reduce((sum, part) => sum + part, now));
}

function isoIn(text: string): number | null {
  const iso = ISO.exec(text)?.groups!["iso"];
  const at = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(at) ? null : at;
}

/** A time on a wall clock: months from 0, as in Date. */
interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

function clockIn(text: string, now: number): number | null {
  for (const { groups } of text.matchAll(CLOCK)) {
    const { month, day, year, hour, minute, half, zone } = groups!;
    if (month === undefined && half === undefined && minute === undefined) continue;
    if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(day ?? 1) > 31) continue;
    const format = formatOf(zone);
    if (format === null) continue;
    const today = wallTime(now, format);
    const time = { hour: hourOf(hour, half), minute: Number(minute ?? 0) };
    if (month === undefined) return nextOfDay({ ...today, ...time }, now, format);
    const date = {
      year: Number(year ?? today.year),
      month: MONTHS.indexOf(month.toLowerCase()),
      day: Number(day),
    };
    return year === undefined
      ? nextOfYear({ ...date, ...time }, now, format)
      : instantOf({ ...date, ...time }, format);
  }
  return null;
}

function hourOf(hour: string | undefined, half: string | undefined): number {
  const count = Number(hour ?? 0);
  if (half === undefined) return count;
  return (count % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
}

function nextOfDay(wall: WallTime, now: number, format: Intl.DateTimeFormat): number {
  const today = instantOf(wall, format);
  return today > now ? today : instantOf({ ...wall, day: wall.day + 1 }, format);
}

/** A day that was months ago is meant for next year, one that was yesterday is just over. */
function nextOfYear(wall: WallTime, now: number, format: Intl.DateTimeFormat): number {
  const at = instantOf(wall, format);
  return at > now - 30 * UNIT_MS.d ? at : instantOf({ ...wall, year: wall.year + 1 }, format);
}

/** Null for a zone that nobody knows. */
function formatOf(timeZone: string | undefined): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-US", {
      ...(timeZone === undefined ? {} : { timeZone }),
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      hourCycle: "h23",
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function wallTime(at: number, format: Intl.DateTimeFormat): WallTime {
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year, month, day, hour, minute } = parts;
  return { year: year!, month: month! - 1, day: day!, hour: hour!, minute: minute! };
}

/** The instant at which a zone's clocks show this; looked for twice, since the first guess may lie beyond a change of the clocks. */
function instantOf(wall: WallTime, format: Intl.DateTimeFormat): number {
  const wanted = asUtc(wall);
  const first = wanted - (asUtc(wallTime(wanted, format)) - wanted);
  return first + wanted - asUtc(wallTime(first, format));
}

function asUtc({ year, month, day, hour, minute }: WallTime): number {
  return Date.UTC(year, month, day, hour, minute);
}
