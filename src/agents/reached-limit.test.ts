import { describe, expect, test } from "bun:test";
import { limitOf } from "./reached-limit.ts";

const NOW = Date.UTC(2026, 7, 6, 12, 0); // a Thursday
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** A time of day by this machine's clock, at the next time that it shows it. */
function nextAt(hour: number, minute: number): number {
  const at = new Date(NOW).setHours(hour, minute, 0, 0);
  return at > NOW ? at : new Date(at).setDate(new Date(at).getDate() + 1);
}

describe("a limit of the account", () => {
  test.each([
    ["Claude AI usage limit reached|1786100400", 1786100400 * SECOND],
    ["5-hour limit reached ∙ resets 3pm (UTC)", NOW + 3 * HOUR],
    ["You've hit your limit · resets 11:30am (UTC)", NOW + 23.5 * HOUR],
    ["You've hit your session limit · resets 3pm (Europe/Berlin)", NOW + HOUR],
    ["You've hit your weekly limit · resets Aug 8 at 5pm (America/New_York)", NOW + 2 * DAY + 9 * HOUR],
    ["Weekly limit reached ∙ resets Jan 2, 9am (UTC)", Date.UTC(2027, 0, 2, 9)],
    ["You're out of extra usage · resets 12am (UTC)", NOW + 12 * HOUR],
    ["Credit balance is too low", null],
    [
      "You've hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro) or try again in 2 days 3 hours 5 minutes.",
      NOW + 2 * DAY + 3 * HOUR + 300 * SECOND,
    ],
    [
      "You've hit your usage limit. Visit https://chatgpt.com/settings/usage to purchase more credits or try again at Aug 8th, 2026 3:45 PM.",
      new Date(2026, 7, 8, 15, 45).getTime(),
    ],
    ["You’ve hit your usage limit. Upgrade to Pro or try again at 4:39 PM.", nextAt(16, 39)],
    ["The usage limit has been reached", null],
    ["You've hit your usage limit.", null],
    [
      "You exceeded your current quota, please check your plan and billing details. Please retry in 51.2s.",
      NOW + 51_200,
    ],
    [
      "You have exhausted your capacity on this model. Your quota will reset after 18h31m10s.",
      NOW + 18 * HOUR + 31 * 60 * SECOND + 10 * SECOND,
    ],
    ["You have exhausted your daily quota on this model.", null],
  ])("is told by the words of %s", (message, resetsAt) => {
    expect(limitOf({ message }, NOW)).toEqual({ kind: "usage", resetsAt });
  });

  test.each([
    ["Codex", { codexErrorInfo: "usageLimitExceeded", message: "Quota exceeded." }, null],
    ["Claude Code", { errorKind: "billing_error" }, null],
    [
      "the service behind Codex",
      { error: { type: "usage_limit_reached", resets_at: NOW / SECOND + 60 } },
      NOW + 60 * SECOND,
    ],
    [
      "the same, in seconds from now",
      { type: "usage_limit_reached", resets_in_seconds: 7_200 },
      NOW + 2 * HOUR,
    ],
    ["OpenAI", { code: "insufficient_quota" }, null],
  ])("is told by the data of %s", (_, data, resetsAt) => {
    expect(limitOf({ message: "Internal error", code: -32603, data }, NOW)).toEqual({
      kind: "usage",
      resetsAt,
    });
  });

  test("wins over Claude Code's one name for every limit", () => {
    const message = "Internal error: You've hit your limit · resets 3pm (UTC)";
    const data = { errorKind: "rate_limit" };
    expect(limitOf({ message, data }, NOW)).toEqual({ kind: "usage", resetsAt: NOW + 3 * HOUR });
  });
});

describe("a limit of requests", () => {
  test.each([
    [
      {
        message: "API Error: Request rejected (429) · Please try again later.",
        data: { errorKind: "rate_limit" },
      },
      null,
    ],
    [
      {
        message: "API Error: 529 Overloaded. This is a server-side issue",
        data: { errorKind: "server_error" },
      },
      null,
    ],
    [{ message: "API Error: Repeated 529 Overloaded errors" }, null],
    [{ message: '429 {"type":"error","error":{"type":"rate_limit_error"}} retry-after: 3600' }, NOW + HOUR],
    [
      {
        message:
          "Rate limit reached for gpt-x on tokens per min (TPM): Limit 30000. Please try again in 20s.",
      },
      NOW + 20 * SECOND,
    ],
    [{ message: "Rate limit reached for gpt-x. Please try again in 6m0s." }, NOW + 360 * SECOND],
    [
      {
        message: "exceeded retry limit, last status: 429 Too Many Requests",
        data: { codexErrorInfo: { responseTooManyFailedAttempts: { httpStatusCode: 429 } } },
      },
      null,
    ],
    [{ message: "Too much at once.", code: 429 }, null],
    [
      { message: '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"51s"}]}}' },
      NOW + 51 * SECOND,
    ],
    [
      { message: "Quota exceeded for metric generate_requests_per_minute. Please retry in 900ms." },
      NOW + 900,
    ],
    [{ message: "try again", data: { codexErrorInfo: "serverOverloaded" } }, null],
  ])("is told by %j", (error, resetsAt) => {
    expect(limitOf(error, NOW)).toEqual({ kind: "rate", resetsAt });
  });
});

test.each([
  { message: "Context limit reached" },
  { message: "recursion limit reached in line 429" },
  { message: "There's an issue with the selected model.", data: { errorKind: "model_not_found" } },
  { message: "Incorrect API key provided", data: { service: "session", errorName: "APIError" } },
  { message: "API Error: 500 Internal server error", data: { errorKind: "server_error" } },
  { message: "the agent is gone" },
  { message: "too long", data: { tokens: 429 } },
])("no limit is %j", (error) => {
  expect(limitOf(error, NOW)).toBeNull();
});

test.each([
  ["resets 3pm (Nowhere/Land)", null],
  ["resets 99pm (UTC)", null],
  ["resets in 9999999 days", null],
  ["resets at 2026-08-06T15:00:00Z", NOW + 3 * HOUR],
  ["resets 2:30am (UTC)", NOW + 14.5 * HOUR],
  ["resets Aug 6 (UTC)", Date.UTC(2026, 7, 6)],
])("usage limit reached, %s: the time is judged", (words, resetsAt) => {
  expect(limitOf({ message: `Usage limit reached, ${words}` }, NOW)).toEqual({ kind: "usage", resetsAt });
});
