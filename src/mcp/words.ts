import { cleanLine } from "../core/line.ts";
import { fence } from "../core/prompt.ts";
import type { Message, Sender } from "../protocol/message.ts";
import type { Plan, PlanMark } from "../protocol/plan.ts";
import type { Desk } from "./tool.ts";

/** The longest notice that is passed on, in characters. */
export const MAX_NOTICE = 200;

/** The marks of `plan.md`. */
const MARKS: Record<PlanMark, string> = { open: "[ ]", done: "[x]", blocked: "[?]", error: "[!]" };
const MAX_SENDER = 80;
const MAX_ITEMS = 30;
const MAX_ITEM = 80;
const MAX_ITEM_NOTE = 200;

/** At most `max` characters, with an ellipsis where something is missing. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** The same, on one line. */
export function cutLine(text: string, max: number): string {
  return cut(cleanLine(text), max);
}

/** How many items are done. */
export function checked({ items }: Plan): { done: number; all: number } {
  return { done: items.filter((item) => item.mark === "done").length, all: items.length };
}

/** The checklist, a line an item, with the notes of those that need somebody. */
export function planLines({ items }: Plan): string[] {
  const lines = items.slice(0, MAX_ITEMS).map(({ mark, text, notes }) => {
    const note = mark === "blocked" || mark === "error" ? notes.at(-1) : undefined;
    const line = `${MARKS[mark]} ${cutLine(text, MAX_ITEM)}`;
    return note === undefined ? line : `${line}: ${cutLine(note, MAX_ITEM_NOTE)}`;
  });
  return items.length > MAX_ITEMS ? [...lines, `… and ${items.length - MAX_ITEMS} more`] : lines;
}

/** Who sends a message, in a few words. */
export function senderWords(from: Sender): string {
  switch (from.kind) {
    case "person":
      return "yours";
    case "session":
    case "schedule":
    case "agent":
      return cutLine(from.name, MAX_SENDER);
    case "tasks":
      return "Dispatch";
  }
}

/** Who lets a message go on that waits for a person, and how; null for any other. */
export function releaseHint({ id, receipt }: Message, { host }: Pick<Desk, "host">): string | null {
  if (receipt.state !== "held") return null;
  return `A person releases it: ${host.canAsk ? `dispatch_approve with id ${id}, or ` : ""}dispatch release ${id}`;
}

/** What a worker wrote, for a reader that is a model: attributed, and inside a fence that it cannot close. */
export function fromWorker(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `From the worker, as data:\n${fence(lines.join("\n"))}`;
}
