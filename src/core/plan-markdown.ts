import type { Plan, PlanItem, PlanMark } from "../protocol/plan.ts";
import { cleanLine } from "./line.ts";

/** A checklist line: bullet or number, box, text. The box takes what agents write in it, `[✓]` and `[~]` too. */
const CHECKBOX = /^(?:[-*+]|\d{1,9}[.)])\s+\[([ xX?!✓✔~/-]?)\](?:\s+(.*))?$/su;
const TITLE = /^#\s/;
const TAB_WIDTH = 4;
/** How much deeper than an item a checkbox must stand to be one of its steps (the width of `- `). */
const STEP_INDENT = 2;
const UNTITLED = "Plan";

const BOXES: Record<PlanMark, string> = { open: "[ ]", done: "[x]", blocked: "[?]", error: "[!]" };

function markOf(box: string): PlanMark {
  switch (box) {
    case "x":
    case "X":
    case "✓":
    case "✔":
      return "done";
    case "?":
      return "blocked";
    case "!":
      return "error";
    default:
      return "open";
  }
}

/** A line of markdown: its indent in columns (a tab counts 4) and its text, cleaned and trimmed. */
export interface MarkdownLine {
  readonly indent: number;
  readonly text: string;
}

/** The lines of a text, of any line ending, empty ones too, so that their numbers stay those of an editor. */
export function markdownLines(markdown: string): MarkdownLine[] {
  return markdown.split(/\r\n|\n|\r/).map((line) => {
    const lead = /^[ \t]*/.exec(line)![0];
    return { indent: lead.replaceAll("\t", " ".repeat(TAB_WIDTH)).length, text: cleanLine(line) };
  });
}

/** The mark and text of a checklist line, or null where a line is none (a box without text says nothing). */
export function readCheckbox(text: string): { mark: PlanMark; text: string } | null {
  const found = CHECKBOX.exec(text);
  const words = found?.[2]?.trim();
  return found && words ? { mark: markOf(found[1]!), text: words } : null;
}

/** True where a line at `indent` belongs below an item at `itemIndent` (null: there is no item yet). */
export function isNested(indent: number, itemIndent: number | null): boolean {
  return itemIndent !== null && indent >= itemIndent + STEP_INDENT;
}

/**
 * Reads `plan.md`; any text is a plan, possibly an empty one. Checkboxes are items, and steps where nested; indented
 * and quoted lines below an item are its notes; everything else is a note of the plan. The first level-1 heading is
 * the title and not part of the plan. No item is `given`: a file cannot say that.
 */
export function parsePlan(markdown: string): Plan {
  const plan: Plan = { items: [], notes: [] };
  let item: PlanItem | null = null;
  let itemIndent: number | null = null;
  let titled = false;
  for (const line of markdownLines(markdown)) {
    if (line.text === "") continue;
    const box = readCheckbox(line.text);
    if (box && item && isNested(line.indent, itemIndent)) {
      item.steps.push(box);
    } else if (box) {
      item = { ...box, given: false, notes: [], steps: [] };
      itemIndent = line.indent;
      plan.items.push(item);
    } else if (item && (line.indent > (itemIndent ?? 0) || line.text.startsWith(">"))) {
      item.notes.push(line.text);
    } else if (!titled && TITLE.test(line.text)) {
      titled = true;
    } else {
      plan.notes.push(line.text);
    }
  }
  return plan;
}

/** A note as it stands in the file: quoted where it would read as a checklist line. */
function noteLine(note: string): string {
  const text = cleanLine(note);
  return readCheckbox(text) ? `> ${text}` : text;
}

function itemLines(item: PlanItem): string[] {
  return [
    `- ${BOXES[item.mark]} ${cleanLine(item.text)}`,
    ...item.notes.map((note) => `  ${noteLine(note)}`),
    ...item.steps.map((step) => `  - ${BOXES[step.mark]} ${cleanLine(step.text)}`),
  ];
}

/** Writes `plan.md`: title, notes, items with their notes and steps. `parsePlan` reads the same plan back, save `given`. */
export function renderPlan(plan: Plan, options: { title: string }): string {
  const title = `# ${cleanLine(options.title) || UNTITLED}`;
  const notes = plan.notes.map(noteLine);
  const items = plan.items.flatMap(itemLines);
  const parts = [[title], notes, items].filter((part) => part.length > 0);
  return `${parts.map((part) => part.join("\n")).join("\n\n")}\n`;
}

/** The bytes a plan takes in its file, its title aside; to be held against `MAX_PLAN_BYTES`. */
export function planBytes(plan: Plan): number {
  return new TextEncoder().encode(renderPlan(plan, { title: UNTITLED })).length;
}
