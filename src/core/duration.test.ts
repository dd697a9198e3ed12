import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { DispatchError } from "../base/error.ts";
import { formatDuration, parseDuration } from "./duration.ts";

describe("durations", () => {
  test.each([
    ["90s", 90_000],
    ["20m", 1_200_000],
    ["2h", 7_200_000],
    ["1h30m", 5_400_000],
    [" 1D ", 86_400_000],
    ["1h5s", 3_605_000],
  ])("%s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(["", "0s", "5", "m", "1.5h", "-1m", "30m1h", "1h1h", "2 h", "25d", "99999999999s", "٣m"])(
    "%j is refused",
    (text) => {
      expect(() => parseDuration(text)).toThrow(DispatchError);
    },
  );

  test("are read as they are written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 * 86_400 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
    expect(["1d1h", "1m30s", "0s"]).toEqual([90_000_000, 90_400, 12].map(formatDuration));
  });
});
