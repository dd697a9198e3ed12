import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { placeName } from "./place.ts";

test("a workspace is called by its folder, and no two of a task are called the same", () => {
  expect(placeName("/src/api")).toBe("api");
  expect(placeName("/other/api", ["api"])).toBe("api-2");
  expect(placeName("/third/api", ["api", "api-2"])).toBe("api-3");
});

test("whatever the folder is called, the name is one part of a path that hides nothing and is no option", () => {
  const odd = fc.string({
    unit: fc.constantFrom(".", "-", "\n", " ", "a", "ä", "'", "$", "\u202e", "\\"),
    minLength: 1,
  });
  fc.assert(
    fc.property(odd, (folder) => {
      expect(placeName(`/src/${folder}`)).toMatch(/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u);
    }),
  );
});
