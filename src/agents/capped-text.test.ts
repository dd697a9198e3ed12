import { expect, test } from "bun:test";
import { array, assert, integer, property, string } from "fast-check";
import { CappedText, capText } from "./capped-text.ts";

test("keeps all that fits, and else the head and the tail, however it came", () => {
  assert(
    property(array(string({ unit: "grapheme-ascii" })), integer({ min: 2, max: 40 }), (pieces, maxLength) => {
      const capped = new CappedText({ maxLength });
      for (const piece of pieces) capped.append(piece);
      const whole = pieces.join("");
      const half = Math.floor(maxLength / 2);
      expect(capped.length).toBe(whole.length);
      expect(capped.text).toStartWith(whole.slice(0, half));
      expect(capped.text).toEndWith(whole.slice(-half));
      if (whole.length <= 2 * half) expect(capped.text).toBe(whole);
    }),
  );
});

test("gives the end of what was written", () => {
  const capped = new CappedText({ maxLength: 20 });
  for (let i = 0; i < 100; i++) capped.append(`${i} `);
  expect(capped.end(6)).toBe("98 99 ".slice(-6));
  expect(capText("short", 10)).toBe("short");
  expect(capText("x".repeat(30), 10)).toBe(`xxxxx\n… 20 characters left out …\nxxxxx`);
});
