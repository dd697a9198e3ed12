import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { MAX_SLUG_LENGTH, slugOf } from "./slug.ts";

function free(): boolean {
  return false;
}

describe("slugs", () => {
  test.each([
    ["Fix the login bug", "fix-login-bug"],
    ["use opus to review auth in a worktree", "review-auth"],
    ["Opus 4.5: review auth. Then write tests for it.", "review-auth"],
    ["Use opus in a worktree. Fix the login bug.", "fix-login-bug"],
    ["Überprüfe die Größe", "uberprufe-die-grosse"],
    ["fix\u0000 the\u001B[31m bug\nmore", "fix-31m-bug"],
    ["修复登录错误", "task"],
    ["🚀🚀", "task"],
    ["", "task"],
    ["the", "the"],
    ["../../etc/passwd; rm -rf /", "etc-passwd-rm-rf"],
    [`${"x".repeat(60)} y`, "x".repeat(40)],
    ["internationalization internationalization b", "internationalization"],
    ["security-review", "security-review"],
  ])("%j", (text, slug) => {
    expect(slugOf(text, { taken: free, drop: ["opus 4.5", "Opus", "in a worktree"] })).toBe(slug);
  });

  test("are numbered where taken", () => {
    const taken = new Set(["fix-it", "fix-it-2", "x".repeat(40)]);
    expect(slugOf("fix-it", { taken: (slug) => taken.has(slug) })).toBe("fix-it-3");
    expect(slugOf("x".repeat(50), { taken: (slug) => taken.has(slug) })).toBe(`${"x".repeat(38)}-2`);
  });

  test("are always safe, new and short", () => {
    const text = fc.string({ unit: "binary", maxLength: 200 });
    fc.assert(
      fc.property(text, fc.array(text), fc.nat({ max: 30 }), (prompt, drop, clashes) => {
        const seen = new Set<string>();
        const slug = slugOf(prompt, {
          drop,
          taken: (each) => seen.size < clashes && Boolean(seen.add(each)),
        });
        expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(slug.length).toBeLessThanOrEqual(MAX_SLUG_LENGTH);
      }),
    );
  });
});
