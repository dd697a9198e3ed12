import { DispatchError } from "../base/error.ts";
import type { Plan } from "../protocol/plan.ts";
import { MAX_PLAN_BYTES, MAX_PLAN_ITEMS } from "../protocol/limit.ts";
import {
  isNested,
  type MarkdownLine,
  markdownLines,
  parsePlan,
  planBytes,
  readCheckbox,
} from "./plan-markdown.ts";

/** An item is one line of work; what is longer is prose and belongs into the prompt. */
const MAX_ITEM_CHARS = 1_000;
const LIST_MARKER = /^(?:[-*+]|\d{1,9}[.)])\s+(?=\S)/;
const BARE_BOX = /^\[[ xX?!]\]\s+(?=\S)/;
const HEADING = /^#{1,6}\s/;
const FENCE = /^(?:```|~~~)/;
const HINT = 'write one item a line, such as "- [ ] Add the failing test"';

/** A mark that a caller put before an item; items come without one. */
const MARK = /^(?:[-*+]\s+|\d{1,3}[.)]\s+)?(?:\[[ xX]?\]\s+)?/;

/** An item that a caller gives by itself, as a line of a checklist. */
export function itemLine(item: string): string {
  return `- [ ] ${item.trim().replace(MARK, "").replace(/\s+/g, " ")}`;
}

function notAChecklist(line: number, reason: string): DispatchError {
  return new DispatchError("invalid", `the plan is not a checklist: line ${line} ${reason}`, { hint: HINT });
}

/** A list line as a checklist line, or null where it is none. */
function asCheckbox(text: string): string | null {
  if (readCheckbox(text)) return text;
  if (BARE_BOX.test(text)) return `- ${text}`;
  const marker = LIST_MARKER.exec(text);
  if (!marker) return null;
  const words = text.slice(marker[0].length);
  return /^\[[ xX?!]?\]$/.test(words) ? null : `- [ ] ${words}`;
}

function fromList(lines: MarkdownLine[]): string[] {
  let itemIndent: number | null = null;
  return lines.map((line, index) => {
    const indented = " ".repeat(line.indent) + line.text;
    if (line.text === "" || HEADING.test(line.text)) return line.text;
    if (isNested(line.indent, itemIndent) || (itemIndent !== null && line.text.startsWith(">")))
      return indented;
    const item = asCheckbox(line.text);
    if (item === null) throw notAChecklist(index + 1, "is no list item");
    itemIndent = line.indent;
    return " ".repeat(line.indent) + item;
  });
}

function fromLines(lines: MarkdownLine[]): string[] {
  return lines.map((line) =>
    line.text === "" || HEADING.test(line.text) ? line.text : `- [ ] ${line.text}`,
  );
}

function assertLines(lines: MarkdownLine[]): void {
  for (const [index, line] of lines.entries()) {
    if (line.text.length > MAX_ITEM_CHARS) {
      throw notAChecklist(index + 1, `is longer than ${MAX_ITEM_CHARS} characters`);
    }
    if (FENCE.test(line.text)) throw notAChecklist(index + 1, "opens a code block");
  }
}

function assertSize(bytes: number): void {
  if (bytes <= MAX_PLAN_BYTES) return;
  throw new DispatchError("too_large", `the plan is larger than ${MAX_PLAN_BYTES / 1024} KiB`, {
    hint: "move the details into the prompt or a context file",
  });
}

/**
 * The plan a caller gives with a task; all its items are `given`. Takes a checkbox, bullet or numbered list (headings
 * are tolerated, nested lines become notes and steps), or one item a line.
 * @throws DispatchError `invalid` with the number of the first bad line, `too_large` past the limits of a plan
 */
export function planFromCaller(text: string): Plan {
  assertSize(new TextEncoder().encode(text).length);
  const lines = markdownLines(text);
  assertLines(lines);
  const isList = lines.some((line) => asCheckbox(line.text) !== null);
  const plan = parsePlan((isList ? fromList(lines) : fromLines(lines)).join("\n"));
  if (plan.items.length === 0) throw new DispatchError("invalid", "the plan has no items", { hint: HINT });
  if (plan.items.length > MAX_PLAN_ITEMS) {
    throw new DispatchError(
      "too_large",
      `the plan has ${plan.items.length} items; ${MAX_PLAN_ITEMS} are allowed`,
      {
        hint: "make several tasks of it",
      },
    );
  }
  assertSize(planBytes(plan));
  for (const item of plan.items) item.given = true;
  return plan;
}
