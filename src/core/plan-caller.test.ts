import { describe, expect, test } from "bun:test";
import { DispatchError } from "../base/error.ts";
import { MAX_PLAN_BYTES, MAX_PLAN_ITEMS } from "../protocol/limit.ts";
import { planFromCaller } from "./plan-caller.ts";

function refusal(text: string): DispatchError {
  try {
    planFromCaller(text);
  } catch (error) {
    if (error instanceof DispatchError) return error;
    throw error;
  }
  throw new Error("the plan was taken");
}

describe("a caller's plan", () => {
  test.each([
    ["- [ ] a\n- [x] b"],
    ["- a\n- [x] b"],
    ["* a\n+ [x] b"],
    ["1. a\n2. [X] b"],
    ["[ ] a\n[x] b"],
    ["# Plan\n\n- a\n\n## More\n- [x] b\n"],
    ["  - a\r\n  - [x] b\r\n"],
  ])("%j is two items", (text) => {
    const { items } = planFromCaller(text);
    expect(items.map((item) => [item.text, item.mark, item.given])).toEqual([
      ["a", "open", true],
      ["b", "done", true],
    ]);
  });

  test("one item a line", () => {
    expect(
      planFromCaller("Read the code\n\n  Write the test\u0007\n").items.map((item) => item.text),
    ).toEqual(["Read the code", "Write the test"]);
  });

  test("nested lines are notes and steps", () => {
    const { items } = planFromCaller("- a\n  - detail\n  - [ ] step\n  words\n> quoted\n- b");
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ notes: ["- detail", "words", "> quoted"], steps: [{ text: "step" }] });
  });

  test.each([
    ["- a\nThen some prose.", 2],
    ["Intro\n- a", 1],
    ["- a\n- b\n- [ ]", 3],
    ["a\n```js\nx()\n```", 2],
    [`a\n${"long ".repeat(300)}`, 2],
  ])("%j is refused with its line", (text, line) => {
    const error = refusal(text);
    expect(error.code).toBe("invalid");
    expect(error.message).toContain(`line ${line} `);
    expect(error.hint).toContain("- [ ]");
  });

  test("limits", () => {
    expect(refusal(" \n\t\n").code).toBe("invalid");
    expect(refusal("- a\n".repeat(MAX_PLAN_ITEMS + 1)).code).toBe("too_large");
    expect(refusal("x".repeat(MAX_PLAN_BYTES + 1)).code).toBe("too_large");
    expect(planFromCaller("- a\n".repeat(MAX_PLAN_ITEMS)).items).toHaveLength(MAX_PLAN_ITEMS);
  });
});
