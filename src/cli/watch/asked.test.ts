import { expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, string } from "fast-check";
import type { Approval } from "../../protocol/approval.ts";
import type { Task } from "../../protocol/task.ts";
import type { Look } from "../output.ts";
import { visibleAll } from "../visible.ts";
import { askedOf } from "./asked.ts";
import { NOTHING } from "./attention-list.ts";

const plain = (text: string) => text;
const LOOK: Look = {
  terminal: true,
  width: 80,
  height: 24,
  bold: plain,
  dim: plain,
  colour: (_, text) => text,
};
const TASK = { id: "tsk_1", blockedBy: [] } as unknown as Task;

/** The rows of a call with this input, at so many columns. */
function rowsOf(input: unknown, columns: number): readonly string[] {
  const call = { tool: "run", kind: "execute", title: "a title", paths: [], input };
  const approval = { id: "apr_1", task: TASK.id, epoch: 1, call } as unknown as Approval;
  const attention = visibleAll({ ...NOTHING, approvals: [approval] });
  const asked = askedOf(TASK, attention, { look: LOOK, columns });
  expect(asked.call?.rows).toBe(asked.rows.length);
  return asked.rows;
}

/** The lines that rows were made of. */
function linesOf(rows: readonly string[]): string[] {
  return rows
    .join("\n")
    .replaceAll("\n↳ ", "")
    .split("\n")
    .map((line) => line.slice(2));
}

test("rows have all of a text, and none is wider than the screen", () => {
  const hostile = constantFrom(
    "\u001b[2J",
    "\u202e",
    "\u200b",
    "e\u0301",
    "界",
    "👩‍👩‍👧",
    "\t",
    "\n",
    " ",
    "─",
    "x".repeat(90),
  );
  assert(
    property(array(hostile, { maxLength: 60 }), integer({ min: 8, max: 100 }), (parts, columns) => {
      const rows = rowsOf(parts.join(""), columns);
      for (const row of rows) expect(Bun.stringWidth(row)).toBeLessThanOrEqual(columns);
      expect(linesOf(rows)).toEqual(linesOf(rowsOf(parts.join(""), 100_000)));
    }),
  );
  assert(
    property(string({ unit: "binary" }), (text) => rowsOf(text, 20).every((row) => !row.includes("\n"))),
  );
});

test("each line of a thousand has its row, and none can be taken for ours", () => {
  const lines = Array.from({ length: 1_000 }, (_, at) =>
    at === 500 ? "── rows 1 to 2 of 2, the end ──" : `line ${at}`,
  );
  const rows = rowsOf(lines.join("\n"), 80);
  expect(rows).toHaveLength(1_001);
  expect(rows[0]).toBe("? wants to use run: a title");
  expect(rows.slice(1)).toEqual(lines.map((line) => `│ ${line}`));
});

test("what shows nothing is written out", () => {
  const [, row] = rowsOf("rm\u00a0-rf\u200b \u{e0041}\u3164\ufeff", 80);
  expect(row).toBe("│ rm\\u00a0-rf\\u200b \\udb40\\udc41\\u3164\\ufeff");
});
