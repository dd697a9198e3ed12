import { describe, expect, test } from "bun:test";
import { parseBudget, parseMore, usedOf, usedUp } from "./budget.ts";

describe("a budget", () => {
  test.each([
    ["$5", { dollars: 5 }],
    ["5usd", { dollars: 5 }],
    ["2.50$", { dollars: 2.5 }],
    ["200ktok", { tokens: 200_000 }],
    ["1.5Mtok", { tokens: 1_500_000 }],
    ["90k", { tokens: 90_000 }],
    ["$5 200ktok", { dollars: 5, tokens: 200_000 }],
    ["200ktok, $5", { dollars: 5, tokens: 200_000 }],
    ["30m", { timeMs: 1_800_000 }],
    ["$5 1h30m", { dollars: 5, timeMs: 5_400_000 }],
    ["2h 90k 1$", { dollars: 1, tokens: 90_000, timeMs: 7_200_000 }],
  ])("%s is read", (text, budget) => {
    expect(parseBudget(text)).toEqual(budget);
  });

  test.each([
    "",
    "5",
    "-1$",
    "$0",
    "$5k",
    "1.5m",
    "30d",
    "30m 1h",
    "$1 $2",
    "10ktok 5ktok",
    "five dollars",
    "$5 more",
    "1e9tok",
  ])("%p is none", (text) => {
    expect(() => parseBudget(text)).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  test("is used up when as much, or more, was spent of one of its measures", () => {
    const budget = { dollars: 4, tokens: 1_000, timeMs: 60_000 };
    expect(usedUp({ dollars: 3.99, tokens: 999, timeMs: 59_999 }, budget)).toBeNull();
    expect(usedUp({ dollars: 4, tokens: 0, timeMs: 0 }, budget)).toBe("dollars");
    expect(usedUp({ dollars: 0, tokens: 1_001, timeMs: 0 }, budget)).toBe("tokens");
    expect(usedUp({ dollars: 0, tokens: 0, timeMs: 60_000 }, budget)).toBe("timeMs");
    expect(usedUp({ dollars: 1e9, tokens: 1e9, timeMs: 1e9 }, null)).toBeNull();
  });

  test.each([
    [{ dollars: 4.1, tokens: 9 }, { dollars: 4 }, "$4.10 of $4.00"],
    [{ dollars: 0.004, tokens: 9 }, { dollars: 0.002 }, "$0.0040 of $0.0020"],
    [{ dollars: 0, tokens: 215_300 }, { tokens: 200_000 }, "215.3k tokens of 200k tokens"],
    [{ dollars: 9, tokens: 1_500_000 }, { dollars: 10, tokens: 1_000_000 }, "1.5M tokens of 1M tokens"],
    [{ dollars: 9, tokens: 9, timeMs: 1_861_000 }, { dollars: 10, timeMs: 1_800_000 }, "31m1s of 30m"],
  ])("is told with what was used: %p of %p", (used, budget, text) => {
    expect(usedOf({ timeMs: 0, ...used }, budget)).toBe(text);
  });
});

describe("the answer to how much more", () => {
  const money = { used: { dollars: 4.5, tokens: 0, timeMs: 9_000 }, budget: { dollars: 4 } };
  const tokens = { used: { dollars: 0, tokens: 1_100, timeMs: 9_000 }, budget: { tokens: 1_000 } };
  const time = { used: { dollars: 1, tokens: 0, timeMs: 61_000 }, budget: { dollars: 4, timeMs: 60_000 } };

  test.each([
    ["2", money, { dollars: 6.5 }],
    [" $2 ", money, { dollars: 6.5 }],
    ["$2 more.", money, { dollars: 6.5 }],
    ["+ 0.5", money, { dollars: 5 }],
    ["+50%", money, { dollars: 6.5 }],
    ["100ktok", money, { dollars: 4, tokens: 100_000 }],
    ["2k", tokens, { tokens: 3_100 }],
    ["25%", tokens, { tokens: 1_350 }],
    ["$1", tokens, { tokens: 1_000, dollars: 1 }],
    ["1m", time, { dollars: 4, timeMs: 121_000 }],
    ["+1h30m", time, { dollars: 4, timeMs: 5_461_000 }],
    ["50%", time, { dollars: 4, timeMs: 91_000 }],
    ["1m more", money, { dollars: 4, timeMs: 69_000 }],
    ["No limit", money, null],
    ["stop!", money, "stop"],
  ] as const)("%p", (text, facts, expected) => {
    expect(parseMore(text, facts)).toEqual(expected);
  });

  test.each([
    ["", money],
    ["yes", money],
    ["0", money],
    ["-2", money],
    ["+0%", money],
    ["2", tokens],
    ["2", time],
    ["stop it later", money],
  ])("%p is refused", (text, facts) => {
    expect(() => parseMore(text, facts)).toThrow(
      expect.objectContaining({
        code: "invalid",
        hint: "answer with $2, 100ktok, 30m, +50%, no limit or stop",
      }),
    );
  });
});
