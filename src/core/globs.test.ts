import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { checkGlob, globBelow, globInside, globsOverlap, matchesGlob } from "./globs.ts";

test.each([
  ["src/a.ts", "src/*.ts", true],
  ["src/deep/a.ts", "src/*.ts", false],
  ["src/deep/a.ts", "src/**/*.ts", true],
  ["src/a.ts", "src/**/*.ts", true],
  ["src/auth/a.ts", "src/auth", true],
  ["src/auth/a.ts", "src/auth/", true],
  ["src/author.ts", "src/auth", false],
  ["src/a.ts", "./src/{a,b}.ts", true],
  ["src/b.tsx", "src/{a,b}.{ts,tsx}", true],
  ["src/c.ts", "src/{a,b}.ts", false],
  ["a{b}.ts", "a\\{b\\}.ts", true],
  ["x1.ts", "x[0-9].ts", true],
  ["xa.ts", "x[!0-9].ts", true],
  ["x1.ts", "x[!0-9].ts", false],
  ["readme.md", "**", true],
  ["é.ts", "?.ts", true],
])("%s against %s: %p", (path, glob, expected) => {
  expect(matchesGlob(path, glob)).toBe(expected);
});

test.each([
  ["src/**", "src/auth/*.ts", true],
  ["src", "src/auth/a.ts", true],
  ["src/*.ts", "src/*.js", false],
  ["src/a*", "src/b*", false],
  ["src/a*", "src/*b", true],
  ["src/**/test.ts", "lib/**/test.ts", false],
  ["**/*.ts", "src/a.ts", true],
  ["**/*.ts", "src/a", true],
  ["{src,lib}/**", "lib/a", true],
  ["{src,lib}/**", "docs/**", false],
  ["src/[ab].ts", "src/c.ts", false],
])("%s and %s may share a path: %p", (one, other, expected) => {
  expect(globsOverlap(one, other)).toBe(expected);
  expect(globsOverlap(other, one)).toBe(expected);
});

const name = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 });
const part = fc.oneof(
  name,
  fc.constantFrom("*", "**", "a*", "*b", "?", "[ab]", "[!a]", "a*b*", "{a,b}", "{a,*b}a"),
);
const glob = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

describe("whatever the globs", () => {
  test("two that match one path are told as overlapping", () => {
    fc.assert(
      fc.property(path, glob, glob, (path, one, other) => {
        if (matchesGlob(path, one) && matchesGlob(path, other)) expect(globsOverlap(one, other)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test("a path as its own glob, with any folder before it, matches itself alone", () => {
    const odd = fc.string({
      unit: fc.constantFrom("*", "[", "]", "{", "}", ",", "?", "\\", "a"),
      minLength: 1,
    });
    fc.assert(
      fc.property(odd, name, (folder, file) => {
        expect(matchesGlob(`${folder}/${file}`, globBelow(folder, file))).toBe(true);
        expect(matchesGlob(`b${folder}/${file}`, globBelow(folder, file))).toBe(false);
      }),
    );
  });
});

test("what a glob means inside a folder is what it means for the paths that begin with it", () => {
  const part = fc.constantFrom("api", "client", "a*", "?pi", "**", "*", "{api,client}", "src", "b.txt");
  const glob = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const path = fc.array(fc.constantFrom("api", "client", "src", "b.txt"), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(glob, fc.constantFrom("api", "client"), path, (pattern, folder, names) => {
      const inside = globInside(folder, pattern).some((each) => matchesGlob(names.join("/"), each));
      expect(inside).toBe(matchesGlob([folder, ...names].join("/"), pattern));
    }),
  );
});

test("a pattern that could take for ever does not", () => {
  const evil = `${"*a".repeat(200)}b`;
  expect(matchesGlob("a".repeat(5_000), evil)).toBe(false);
});

test.each(["/etc/**", "../other/**", "src/../../x", "~/x", "!src/**", " ", "{a,b}".repeat(9)])(
  "%s is refused as a boundary",
  (glob) => {
    expect(() => checkGlob(glob)).toThrow("is no glob for files");
  },
);
