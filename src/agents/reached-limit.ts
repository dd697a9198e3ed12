import type { ReachedLimit } from "../protocol/transcript.ts";
import type { AgentFailure } from "./driver.ts";
import { pointInTime, resetTimeIn } from "./reset-time.ts";

/** How deep in an error's data codes and times are looked for. */
const MAX_DEPTH = 4;

/** What agents and the services behind them call a limit, wherever in an error's data it stands. */
const KINDS: Readonly<Record<string, ReachedLimit["kind"]>> = {
  billing_error: "usage", // Claude Code
  quota_exhausted: "usage",
  usageLimitExceeded: "usage", // Codex
  usage_limit_reached: "usage",
  usage_limit_exceeded: "usage",
  insufficient_quota: "usage", // OpenAI
  rate_limit: "rate", // Claude Code, for both kinds
  rate_limit_error: "rate", // Anthropic
  overloaded: "rate",
  overloaded_error: "rate",
  rateLimitExceeded: "rate", // Codex
  serverOverloaded: "rate",
  rate_limit_exceeded: "rate", // OpenAI
  RESOURCE_EXHAUSTED: "rate", // Google
};
/** HTTP's "too many requests", and Anthropic's "overloaded". */
const STATUSES = new Set<unknown>([429, 529]);
const STATUS_KEYS = new Set(["code", "status", "statusCode", "httpStatusCode"]);

/**
 * A product that says only in words which limit it was (Claude Code calls every one `rate_limit`, Gemini CLI and
 * OpenCode give no code at all) is read by its words.
 */
const USAGE_WORDS =
  /\busage limit|\b(?:weekly|daily|monthly|session|opus|sonnet|spend|(?:\d+|five|seven)-(?:hour|day)) limit reached|\b(?:hit|reached) your (?!context)[\w -]{0,40}limit|out of (?:extra |your )?(?:usage|credits)|credit balance is too low|(?:exceeded|exhausted) your (?:\w+ )?(?:quota|capacity)|\bquota (?:exceeded|will reset)|insufficient[ _]quota/i;
const RATE_WORDS =
  /\brate.?limit|too many requests|\boverloaded\b|RESOURCE_EXHAUSTED|(?:status|error|code|rejected)\W{0,4}(?:429|529)\b/i;
/** Google says "quota" of requests in a minute too. */
const SHORT = /per.?minute|per.?second/i;

/** The limit that an agent's error tells of, as the product or the service behind it says; null: it is another error. */
export function limitOf(error: AgentFailure, now: number): ReachedLimit | null {
  const kind = kindOf(error);
  if (kind === null) return null;
  return {
    kind,
    resetsAt:
      resetIn(error.data, now) ?? resetTimeIn(error.message, now) ?? resetTimeIn(textOf(error.data), now),
  };
}

function kindOf({ message, code, data }: AgentFailure): ReachedLimit["kind"] | null {
  const fields = fieldsOf({ code, data });
  const kinds = fields.flatMap(([, value]) => (typeof value === "string" ? (KINDS[value] ?? []) : []));
  const text = `${message}\n${textOf(data)}`;
  const inWords = USAGE_WORDS.test(text) ? (SHORT.test(text) ? "rate" : "usage") : null;
  if (kinds.includes("usage")) return "usage";
  const isRate =
    kinds.length > 0 || fields.some(([key, value]) => STATUS_KEYS.has(key) && STATUSES.has(value));
  return inWords ?? (isRate || RATE_WORDS.test(text) ? "rate" : null);
}

/** The time that an error's data gives as a field. */
function resetIn(data: unknown, now: number, depth = 0): number | null {
  if (typeof data !== "object" || data === null || depth > MAX_DEPTH) return null;
  const { resets_at, resetsAt, resets_in_seconds } = data as Record<string, unknown>;
  const point = [resets_at, resetsAt].find((each) => typeof each === "number");
  if (point !== undefined) return pointInTime(point);
  if (typeof resets_in_seconds === "number") return now + resets_in_seconds * 1_000;
  return Object.values(data).reduce<number | null>(
    (found, each) => found ?? resetIn(each, now, depth + 1),
    null,
  );
}

/** What stands in an error, with the keys that it stands under. */
function fieldsOf(data: unknown, depth = 0): [key: string, value: unknown][] {
  if (typeof data !== "object" || data === null || depth > MAX_DEPTH) return [];
  return Object.entries(data).flatMap(([key, value]) => [[key, value], ...fieldsOf(value, depth + 1)]);
}

function textOf(data: unknown): string {
  return data === undefined ? "" : (JSON.stringify(data) ?? "");
}
