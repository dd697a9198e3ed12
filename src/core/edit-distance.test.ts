import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { editDistance } from "./edit-distance.ts";

/** The definition, word for word. */
function defined(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [x, y] = [a.slice(0, -1), b.slice(0, -1)];
  const steps = [defined(x, b) + 1, defined(a, y) + 1, defined(x, y) + (a.at(-1) === b.at(-1) ? 0 : 1)];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1))
    steps.push(defined(a.slice(0, -2), b.slice(0, -2)) + 1);
  return Math.min(...steps);
}

const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });

test("counts single steps, and no further than it is asked to", () => {
  fc.assert(
    fc.property(text, text, fc.nat({ max: 4 }), (a, b, most) => {
      const steps = defined(a, b);
      expect(editDistance(a, b)).toBe(steps);
      expect(editDistance(a, b, most)).toBe(steps <= most ? steps : Infinity);
    }),
  );
});

test.each([
  ["", "", 0],
  ["mobiel", "mobile", 1],
  ["kitten", "sitting", 3],
  ["ab", "ba", 1],
  ["ca", "abc", 3],
])("%p and %p are %d apart", (a, b, steps) => {
  expect(editDistance(a, b)).toBe(steps);
});
