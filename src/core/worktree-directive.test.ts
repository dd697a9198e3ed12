import { describe, expect, test } from "bun:test";
import { worktreeWanted } from "./worktree-directive.ts";

const names = ["claude", "codex", "opus", "sonnet", "gpt-5.3-codex", "security-reviewer"];

describe("a worktree is asked for", () => {
  test.each([
    "fix the login in a worktree",
    "In a worktree, fix the login",
    "use a worktree and fix the login",
    "use a separate git worktree to fix it",
    "have codex write the tests in a new worktree.",
    "sonnet, worktree",
    "sonnet, worktree: fix the login",
    "use opus (worktree) to fix it",
    "use sonnet, worktree, and fix the login",
    "opus-4.5 + worktree: go",
    "use opus worktree to fix it",
    "security-reviewer worktree\nfix it",
    "worktree, opus: fix it",
    "fix it [worktree, gpt-5.3-codex]",
  ])("%j", (prompt) => {
    expect(worktreeWanted(prompt, names)).toBe(true);
  });
});

describe("a worktree is what it is about", () => {
  test.each([
    "fix the worktree bug",
    "use the worktree code",
    "use opus to fix the worktree bug",
    "use opus to list worktrees",
    "opus: worktree cleanup is broken",
    "opus, worktree cleanup is broken",
    "the opus worktree is stale",
    "use the opus worktree to test",
    "in the worktree, run the tests",
    "document git worktree",
    "use a worktree-aware parser",
    "read worktree.ts with opus",
    "haiku, worktree: fix it",
    "worktree",
    "",
  ])("%j", (prompt) => {
    expect(worktreeWanted(prompt, names)).toBe(false);
  });
});

test.each([" ", "\n", "opus ", "opus worktree ", "in a ", "worktree, "])(
  "1 MiB of %j takes no time to speak of",
  (unit) => {
    expect(worktreeWanted(unit.repeat(2 ** 20 / unit.length), names)).toBeBoolean();
  },
);
