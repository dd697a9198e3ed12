import { expect, test } from "bun:test";
import { assert, json, nat, property } from "fast-check";
import { jsonFault } from "./json-fault.ts";

test.each([
  ['{"a":1,}', 1, 8, "string"],
  ["{a:1}", 1, 2, "string or }"],
  ["", 1, 1, "value"],
  ['{"a":', 1, 6, "value"],
  ["nope", 1, 1, "value"],
  ["[1,2", 1, 5, ", or ]"],
  ['[\n  1,\n  "un\u0001told"]', 3, 3, "value"],
  ['{"a" 1}', 1, 6, ":"],
  ["[]]", 1, 3, "the end"],
  ["[1}", 1, 3, ", or ]"],
  ["01", 1, 2, "the end"],
])("%p is JSON up to line %d, column %d", (text, line, column, expected) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(jsonFault(text)).toEqual({ line, column, expected });
});

test("a fault lies in the text, and nothing before it is at fault", () => {
  assert(
    property(json(), nat(), (text, at) => {
      const cut = text.slice(0, at % (text.length + 1));
      const { line, column } = jsonFault(cut);
      expect(line).toBe(1);
      expect(column).toBeLessThanOrEqual(cut.length + 1);
      const before = jsonFault(cut.slice(0, column - 1));
      expect(before.column).toBe(column);
    }),
  );
});
