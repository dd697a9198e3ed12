import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Plan, PlanItem } from "../protocol/plan.ts";
import { parsePlan, planBytes, renderPlan } from "./plan-markdown.ts";

const mark = fc.constantFrom("open", "done", "blocked", "error") satisfies fc.Arbitrary<PlanItem["mark"]>;
const text = fc
  .stringMatching(/^[\p{L}\p{N}`*_[\]()#>.,:!?-][\p{L}\p{N}`*_[\]()#>.,:!? -]{0,30}$/u)
  .map((value) => value.trim())
  .filter((value) => value !== "");
const note = text.filter((value) => !/^(?:[-*+]|\d+[.)])\s+\[/.test(value));
const step = fc.record({ text, mark });
const item = fc.record({
  text,
  mark,
  given: fc.constant(false),
  notes: fc.array(note, { maxLength: 3 }),
  steps: fc.array(step, { maxLength: 3 }),
});
const plan: fc.Arbitrary<Plan> = fc.record({
  items: fc.array(item, { maxLength: 6 }),
  notes: fc.array(note, { maxLength: 3 }),
});

function marks(markdown: string): string {
  return parsePlan(markdown)
    .items.map((each) => `${each.mark}:${each.text}`)
    .join(" | ");
}

describe("reading plan.md", () => {
  test.each([
    ["- [ ] a\n- [x] b\n- [?] c\n- [!] d", "open:a | done:b | blocked:c | error:d"],
    ["* [X] a\n+ [ ] b\n1. [ ] c\n12) [x] d", "done:a | open:b | open:c | done:d"],
    ["-   [ ]   a  \r\n-\t[x]\tb\r\n", "open:a | done:b"],
    ["  - [ ] a\n  - [x] b", "open:a | done:b"],
    ["- [] a\n- [~] b\n- [✓] c", "open:a | open:b | done:c"],
    ["- [ ]\n- [link](there)\n- [x]joined", ""],
    ["- [ ] a\u0000\u001B[31m\u202Eb", "open:a[31mb"],
    ["\uFEFF- [x] a\r- [ ] b", "done:a | open:b"],
    ["", ""],
  ])("%j", (markdown, expected) => {
    expect(marks(markdown)).toBe(expected);
  });

  test("keeps what stands below and around the items", () => {
    const read = parsePlan(
      [
        "# The title",
        "Words before.",
        "## Phase 1",
        "- [ ] first",
        "  because of this",
        "\t- [x] a step",
        "> **Flag:** look here",
        "- [x] second",
        "Words after.",
      ].join("\n"),
    );
    expect(read).toEqual({
      notes: ["Words before.", "## Phase 1", "Words after."],
      items: [
        {
          text: "first",
          mark: "open",
          given: false,
          notes: ["because of this", "> **Flag:** look here"],
          steps: [{ text: "a step", mark: "done" }],
        },
        { text: "second", mark: "done", given: false, notes: [], steps: [] },
      ],
    });
  });
});

describe("writing plan.md", () => {
  test("looks like a checklist", () => {
    const read = parsePlan("- [x] a\n  > why\n  - [?] s\n- [!] b");
    expect(renderPlan({ ...read, notes: ["A note."] }, { title: "Fix it\nnow" })).toBe(
      "# Fix it now\n\nA note.\n\n- [x] a\n  > why\n  - [?] s\n- [!] b\n",
    );
  });

  test("a note that reads like an item is quoted, so that it becomes none", () => {
    const noted = { items: [], notes: ["- [x] not an item"] };
    expect(parsePlan(renderPlan(noted, { title: "" }))).toEqual({
      items: [],
      notes: ["> - [x] not an item"],
    });
  });

  test("what is written is read back the same", () => {
    fc.assert(
      fc.property(plan, fc.string(), (value, title) => {
        expect(parsePlan(renderPlan(value, { title }))).toEqual(value);
      }),
    );
  });

  test("any text is read, and reading it once is enough", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (markdown) => {
        const read = parsePlan(markdown);
        const again = parsePlan(renderPlan(read, { title: "t" }));
        expect(again.items).toEqual(read.items);
        expect(planBytes(again)).toBe(planBytes(read));
      }),
    );
  });
});
