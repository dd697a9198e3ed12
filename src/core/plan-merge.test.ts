import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Plan, PlanItem, PlanMark } from "../protocol/plan.ts";
import { MAX_PLAN_BYTES, MAX_PLAN_ITEMS } from "../protocol/limit.ts";
import { planFromCaller } from "./plan-caller.ts";
import { parsePlan, renderPlan } from "./plan-markdown.ts";
import { mergePlan } from "./plan-merge.ts";

const title = "t";
const given = planFromCaller("- [ ] Read the code\n- [ ] Write the test\n- [ ] Fix the bug");
const base = renderPlan(given, { title });

function merge(file: string, current: Plan = given): Plan {
  return mergePlan({ base, file, current });
}

function shape(plan: Plan): string[] {
  return plan.items.map((item) => `${item.given ? "" : "+"}${item.text}:${item.mark}`);
}

describe("a worker edits the file", () => {
  test("its marks are taken", () => {
    expect(shape(merge("- [x] Read the code\n- [?] Write the test\n- [ ] Fix the bug"))).toEqual([
      "Read the code:done",
      "Write the test:blocked",
      "Fix the bug:open",
    ]);
  });

  test("a reworded item keeps its words and takes the mark", () => {
    const file =
      "- [x] Read the code (done: it is in src/a.ts)\n- [x] Repair sign-in\n- [!] Fix the ugly bug";
    expect(shape(merge(file))).toEqual(["Read the code:done", "Write the test:done", "Fix the bug:error"]);
  });

  test("another list is not a rewording: nothing given is ticked by it", () => {
    expect(shape(merge("- [x] Alpha\n- [x] Beta\n- [x] Gamma"))).toEqual([
      "+Alpha:done",
      "+Beta:done",
      "+Gamma:done",
      "Read the code:open",
      "Write the test:open",
      "Fix the bug:open",
    ]);
  });

  test("a removed item is put back with the mark it had", () => {
    const current = merge("- [x] Read the code\n- [ ] Write the test\n- [ ] Fix the bug");
    expect(shape(merge("- [x] Fix the bug", current))).toEqual([
      "Read the code:done",
      "Write the test:open",
      "Fix the bug:done",
    ]);
  });

  test("new items stand where it put them and are not given; it may remove and reword those", () => {
    const added = merge(base.replace("- [ ] Fix", "- [ ] Check the docs\n- [ ] Fix"));
    expect(shape(added)).toEqual([
      "Read the code:open",
      "Write the test:open",
      "+Check the docs:open",
      "Fix the bug:open",
    ]);
    const next = renderPlan(added, { title });
    const reworded = next.replace("[ ] Check the docs", "[x] Check all the docs");
    expect(shape(mergePlan({ base: next, file: reworded, current: added }))[2]).toBe(
      "+Check all the docs:done",
    );
    expect(mergePlan({ base: next, file: base, current: added })).toEqual(given);
  });

  test("notes and steps of both sides are kept; quotes cannot be removed", () => {
    const current: Plan = { ...given, notes: ["> **Note from dispatcher:** mind the gap"] };
    const file = base.replace("code\n", "code\n  found it\n  > **Flag:** odd\n  - [x] opened a.ts\n");
    const merged = merge(file, current);
    expect(merged.notes).toEqual(current.notes);
    expect(merged.items[0]).toMatchObject({
      notes: ["found it", "> **Flag:** odd"],
      steps: [{ text: "opened a.ts", mark: "done" }],
    });
    const without = mergePlan({ base: renderPlan(merged, { title }), file: base, current: merged });
    expect(without.notes).toEqual(current.notes);
    expect(without.items[0]).toMatchObject({ notes: ["> **Flag:** odd"], steps: [] });
  });

  test("what happened here meanwhile stays, unless the file says otherwise of the same line", () => {
    const current: Plan = {
      ...given,
      items: given.items.map((item, at): PlanItem => ({ ...item, mark: at === 2 ? "blocked" : "done" })),
    };
    expect(shape(merge("- [!] Read the code\n- [ ] Write the test\n- [x] Fix the bug", current))).toEqual([
      "Read the code:error",
      "Write the test:done",
      "Fix the bug:done",
    ]);
  });

  test.each([
    ["empty", ""],
    ["blank", " \n\r\n\t"],
    ["prose", "I am done with everything.\nReally."],
    ["binary", "\u0000PNG\r\n- [x] Read the code"],
    ["10 MB", "- [x] Read the code\n".repeat(500_000)],
  ])("a file that is %s changes nothing", (_, file) => {
    expect(merge(file)).toEqual(given);
  });

  test("a flag is heard even from a file that is no checklist", () => {
    expect(merge("> **Flag:** the disk is full").notes).toEqual(["> **Flag:** the disk is full"]);
  });

  test("growth past the limits is dropped, marks are not", () => {
    const many = `${base.replace("[ ] Read", "[x] Read")}${Array.from({ length: 999 }, (_, n) => `- [ ] n${n}\n`).join("")}`;
    expect(merge(many).items).toHaveLength(MAX_PLAN_ITEMS);
    const noise = Array.from({ length: MAX_PLAN_BYTES / 16 }, (_, n) => `  more words ${n}\n`).join("");
    const large = `${base.replace("[ ] Read", "[x] Read")}- [ ] words\n${noise}`;
    expect(shape(merge(large))).toEqual(["Read the code:done", "Write the test:open", "Fix the bug:open"]);
  });
});

const marks: PlanMark[] = ["open", "done", "blocked", "error"];
const mark = fc.constantFrom(...marks);
const words = fc.constantFrom("read", "write", "fix", "the code", "the test", "a bug", "docs", "x", "é ü");
const text = fc.array(words, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(" "));
const note = fc.constantFrom("found it", "> **Flag:** odd", "> **Note from dispatcher:** go", "see a.ts");
const notes = fc.uniqueArray(note, { maxLength: 2 });
const step = fc.record({ text, mark });
const item: fc.Arbitrary<PlanItem> = fc.record({
  text,
  mark,
  given: fc.boolean(),
  notes,
  steps: fc.array(step, { maxLength: 2 }),
});
const plan: fc.Arbitrary<Plan> = fc.record({ items: fc.array(item, { maxLength: 5 }), notes });
const rubbish = fc.string({ unit: "binary", maxLength: 300 });
const file = fc.oneof(
  plan.map((value) => renderPlan(value, { title })),
  rubbish,
);

/** What happens to a plan in one round: our rendering of it, then marks set here, then an edit of the file. */
const round = fc
  .record({ plan, marks: fc.array(mark, { minLength: 5, maxLength: 5 }), file })
  .map((drawn) => ({
    base: renderPlan(drawn.plan, { title }),
    current: {
      ...drawn.plan,
      items: drawn.plan.items.map((each, at) => ({ ...each, mark: drawn.marks[at]! })),
    },
    file: drawn.file,
  }));

function givenTexts(value: Plan): string[] {
  return value.items.filter((each) => each.given).map((each) => each.text);
}

describe("whatever the file is", () => {
  test("no given item is lost, reworded, moved or invented", () => {
    fc.assert(
      fc.property(round, (input) => {
        expect(givenTexts(mergePlan(input))).toEqual(givenTexts(input.current));
      }),
    );
  });

  test("merging it again changes nothing, while items can be told apart by their words", () => {
    const differ = (value: Plan) => new Set(value.items.map((each) => each.text)).size === value.items.length;
    const distinct = round.filter((input) => differ(input.current) && differ(parsePlan(input.file)));
    fc.assert(
      fc.property(distinct, (input) => {
        const once = mergePlan(input);
        expect(mergePlan({ ...input, current: once })).toEqual(once);
      }),
    );
  });

  test("our own rendering, untouched or with other line ends, changes nothing", () => {
    fc.assert(
      fc.property(round, ({ base, current }) => {
        expect(mergePlan({ base, file: base, current })).toEqual(current);
        expect(mergePlan({ base, file: base.replaceAll("\n", "\r\n"), current })).toEqual(current);
      }),
    );
  });

  test("quoted notes stay", () => {
    fc.assert(
      fc.property(round, (input) => {
        const quotes = input.current.notes.filter((each) => each.startsWith(">"));
        expect(mergePlan(input).notes).toEqual(expect.arrayContaining(quotes));
      }),
    );
  });

  test("marks that the file changed win, others stay", () => {
    const marked = fc.record({
      plan,
      here: fc.array(mark, { minLength: 5, maxLength: 5 }),
      there: fc.array(mark, { minLength: 5, maxLength: 5 }),
    });
    fc.assert(
      fc.property(marked, ({ plan: written, here, there }) => {
        const withMarks = (by: PlanMark[]) => ({
          ...written,
          items: written.items.map((each, at) => ({ ...each, mark: by[at]! })),
        });
        const merged = mergePlan({
          base: renderPlan(written, { title }),
          file: renderPlan(withMarks(there), { title }),
          current: withMarks(here),
        });
        const expected = written.items.map((each, at) => (there[at] === each.mark ? here[at] : there[at]));
        expect(merged.items.map((each) => each.mark)).toEqual(expected as PlanMark[]);
      }),
    );
  });
});
