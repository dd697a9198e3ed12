import { describe, expect, test } from "bun:test";
import { DispatchError } from "../base/error.ts";
import { command } from "./command.ts";
import { checkOperands, parseWords } from "./parse.ts";

const FLAGS = {
  model: { value: "NAME", help: "", short: "m" },
  file: { value: "FILE", help: "", many: true },
  worktree: { help: "", negatable: true },
  level: { value: "L", choices: ["low", "high"], help: "" },
} as const;

function parse(...words: string[]) {
  return parseWords(words, FLAGS, "dispatch x --help");
}

function refused(use: () => unknown): DispatchError {
  try {
    use();
  } catch (error) {
    if (error instanceof DispatchError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("flags", () => {
  test("stand anywhere among the operands, with a space or an equals sign", () => {
    expect(parse("fix", "--model", "opus", "it", "--file=a", "--file", "b", "-m", "x", "--json")).toEqual({
      operands: ["fix", "it"],
      flags: { model: "x", file: ["a", "b"], json: true },
    });
  });

  test("are negated where they may be", () => {
    expect(parse("--no-worktree").flags).toEqual({ worktree: false });
    expect(refused(() => parse("--no-model")).message).toContain("unknown flag --no-model");
  });

  test("end at --; a lone dash is an operand", () => {
    expect(parse("-", "--", "--model", "-x").operands).toEqual(["-", "--model", "-x"]);
  });

  test("that are unknown, lack a value or have a wrong one are named", () => {
    expect(refused(() => parse("--modle", "x")).message).toBe("unknown flag --modle; did you mean --model?");
    expect(refused(() => parse("--model")).message).toBe("--model needs a value: NAME");
    expect(refused(() => parse("--worktree=yes")).message).toBe("--worktree takes no value");
    expect(refused(() => parse("--level", "mid")).message).toBe("--level is one of low, high, not mid");
    expect(refused(() => parse("--constructor")).code).toBe("invalid");
  });
});

test("the number of operands follows the command's own words", () => {
  const check = (operands: string[], ...given: string[]) =>
    checkOperands(
      given,
      command({ operands, flags: {}, run: () => Promise.resolve(0) }),
      "dispatch x --help",
    );
  check(["ID", "[REQUEST]"], "a");
  check(["ID", "TEXT…"], "a", "b", "c");
  check(["[ID…]"]);
  expect(refused(() => check(["ID", "TEXT…"], "a")).message).toBe("TEXT… is missing");
  expect(refused(() => check(["ID"], "a", "b")).message).toBe("b is one argument too many");
});
