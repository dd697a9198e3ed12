import { DispatchError } from "../base/error.ts";
import type { Plan, PlanItem, PlanStep } from "../protocol/plan.ts";
import { MAX_PLAN_BYTES, MAX_PLAN_ITEMS } from "../protocol/limit.ts";
import type { WorkerCall } from "../protocol/worker.ts";
import { cleanLine, textKey } from "./line.ts";
import { planBytes } from "./plan-markdown.ts";

export type PlanUpdate = Extract<WorkerCall, { tool: "plan_update" }>["items"][number];

/** An item shows this many steps; an agent's todo list may grow without end. */
const MAX_ITEM_STEPS = 100;
const SKIPPED = "> **Skipped by dispatcher.**";
const FLAG = /^>\s*\*\*Flag:\*\*\s*(.+)$/is;

export function openItems(plan: Plan): PlanItem[] {
  return plan.items.filter((item) => item.mark === "open");
}

export function blockedItems(plan: Plan): PlanItem[] {
  return plan.items.filter((item) => item.mark === "blocked");
}

export function errorItems(plan: Plan): PlanItem[] {
  return plan.items.filter((item) => item.mark === "error");
}

export function progress(plan: Plan): { done: number; total: number } {
  return { done: plan.items.filter((item) => item.mark === "done").length, total: plan.items.length };
}

/** The texts of all `> **Flag:** …` lines, in the order of the file. */
export function flagsIn(plan: Plan): string[] {
  return [...plan.notes, ...plan.items.flatMap((item) => item.notes)].flatMap((note) => {
    const text = FLAG.exec(note)?.[1]?.trim();
    return text ? [text] : [];
  });
}

function assertFits(plan: Plan): Plan {
  if (plan.items.length > MAX_PLAN_ITEMS) {
    throw new DispatchError("limited", `the plan already has ${MAX_PLAN_ITEMS} items`);
  }
  if (planBytes(plan) > MAX_PLAN_BYTES) {
    throw new DispatchError("too_large", `the plan would grow past ${MAX_PLAN_BYTES / 1024} KiB`);
  }
  return plan;
}

/** A line within a quote that cannot pass for a line of its own kind, such as a flag. */
function quoted(line: string): string {
  return `> ${line.replace(/^\*\*/, "\\*\\*")}`;
}

/**
 * Adds `> **Note from dispatcher:** …` to the plan's notes; each further line of `text` becomes a quoted line.
 * @throws DispatchError `invalid` where the text says nothing, `too_large` past `MAX_PLAN_BYTES`
 */
export function addDispatcherNote(plan: Plan, text: string): Plan {
  const [first, ...more] = text
    .split(/[\r\n]+/)
    .map(cleanLine)
    .filter((line) => line !== "");
  if (first === undefined) throw new DispatchError("invalid", "the note is empty");
  return assertFits({
    ...plan,
    notes: [...plan.notes, `> **Note from dispatcher:** ${first}`, ...more.map(quoted)],
  });
}

function itemIndex(plan: Plan, item: number | string): number {
  if (typeof item === "string") return plan.items.findIndex((each) => textKey(each.text) === textKey(item));
  if (plan.items[item - 1] !== undefined) return item - 1;
  throw new DispatchError("invalid", `the plan has no item ${item}`, {
    hint:
      plan.items.length === 0 ? "name the item by its text" : `items are numbered 1 to ${plan.items.length}`,
  });
}

function setMark(plan: Plan, update: PlanUpdate): Plan {
  const index = itemIndex(plan, update.item);
  const notes = update.note === undefined ? [] : [cleanLine(update.note)].filter((note) => note !== "");
  const { mark } = update;
  if (index >= 0) {
    const item = plan.items[index]!;
    const added = notes.filter((note) => !item.notes.includes(note));
    return { ...plan, items: plan.items.with(index, { ...item, mark, notes: [...item.notes, ...added] }) };
  }
  const text = cleanLine(String(update.item));
  if (text === "") throw new DispatchError("invalid", "an item of the plan needs a text");
  return { ...plan, items: [...plan.items, { text, mark, given: false, notes, steps: [] }] };
}

/**
 * What a worker's `plan_update` does: marks items, named by number (from 1) or by text, and adds those that are new.
 * @throws DispatchError `invalid` for a number without an item, `limited` and `too_large` past the limits; nothing is
 * changed then
 */
export function setMarks(plan: Plan, updates: readonly PlanUpdate[]): Plan {
  return assertFits(updates.reduce(setMark, plan));
}

/** An open todo undoes nothing: the file may be ahead of the agent's own list, and a blocked item stays blocked. */
function todoMark(current: PlanStep["mark"], todo: PlanStep["mark"]): PlanStep["mark"] {
  return todo === "open" ? current : todo;
}

/** Marks what the todos name by equal text, each line at most once; returns the todos that named none. */
function markByText<Line extends PlanStep>(
  lines: Line[],
  todos: readonly PlanStep[],
): { lines: Line[]; rest: PlanStep[] } {
  const marked = [...lines];
  const taken = new Set<number>();
  const rest = todos.filter((todo) => {
    const index = marked.findIndex((line, at) => !taken.has(at) && textKey(line.text) === textKey(todo.text));
    const line = marked[index];
    if (line === undefined) return true;
    taken.add(index);
    marked[index] = { ...line, mark: todoMark(line.mark, todo.mark) };
    return false;
  });
  return { lines: marked, rest };
}

/** Marks the steps that the todos name, in all items; new steps go below the item at `working`. */
function applySteps(items: PlanItem[], working: number, todos: PlanStep[]): PlanItem[] {
  let rest = todos;
  const marked = items.map((item) => {
    const steps = markByText(item.steps, rest);
    rest = steps.rest;
    return { ...item, steps: steps.lines };
  });
  const item = marked[working]!;
  return marked.with(working, { ...item, steps: [...item.steps, ...rest].slice(0, MAX_ITEM_STEPS) });
}

function asItem(step: PlanStep): PlanItem {
  return { ...step, given: false, notes: [], steps: [] };
}

/**
 * An agent's own todo list, laid over its plan. A todo marks the item of equal text; others show as steps below the
 * item being worked on (the first open one, else the last). Where no item was given, the todos are the items.
 * Nothing is ever removed, and what does not fit into the limits is left out.
 */
export function applyTodos(plan: Plan, todos: readonly PlanStep[]): Plan {
  const clean = todos
    .map((todo) => ({ text: cleanLine(todo.text), mark: todo.mark }))
    .filter((todo) => todo.text !== "");
  const { lines: items, rest } = markByText(plan.items, clean);
  const firstOpen = items.findIndex((item) => item.mark === "open");
  const next = items.some((item) => item.given)
    ? { ...plan, items: applySteps(items, firstOpen < 0 ? items.length - 1 : firstOpen, rest) }
    : { ...plan, items: [...items, ...rest.map(asItem)].slice(0, MAX_PLAN_ITEMS) };
  return planBytes(next) > MAX_PLAN_BYTES ? { ...plan, items } : next;
}

function reopened<Line extends PlanStep>(line: Line, fresh: boolean): Line {
  return fresh || line.mark !== "done" ? { ...line, mark: "open" } : line;
}

/**
 * The plan of a task's next attempt: ticks stay, blocked and failed lines are open again. `fresh` opens all; `skip`
 * (from 1) is ticked with a note that says so.
 * @throws DispatchError `invalid` where `skip` names no item
 */
export function retryPlan(
  plan: Plan,
  options: { skip?: number | undefined; fresh?: boolean | undefined } = {},
): Plan {
  const fresh = options.fresh ?? false;
  const skip = options.skip === undefined ? -1 : itemIndex(plan, options.skip);
  const items = plan.items.map((item, at): PlanItem => {
    if (at === skip)
      return { ...item, mark: "done", notes: [...item.notes.filter((n) => n !== SKIPPED), SKIPPED] };
    return { ...reopened(item, fresh), steps: item.steps.map((step) => reopened(step, fresh)) };
  });
  return { ...plan, items };
}
