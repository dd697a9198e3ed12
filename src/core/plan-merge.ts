import type { Plan, PlanItem, PlanStep } from "../protocol/plan.ts";
import { MAX_PLAN_BYTES, MAX_PLAN_ITEMS } from "../protocol/limit.ts";
import { textKey } from "./line.ts";
import { parsePlan, planBytes } from "./plan-markdown.ts";
import { pairEqual, pairLines } from "./plan-match.ts";

/** A worker may write more into the file than a plan may hold; a file past this is not read at all. */
const MAX_PLAN_FILE_CHARS = 4 * MAX_PLAN_BYTES;
const MAX_FILE_ITEMS = 2 * MAX_PLAN_ITEMS;

/** A quoted note: the dispatcher's, or a flag. An agent may add such lines and take none away. */
function isQuote(note: string): boolean {
  return note.startsWith(">");
}

function mergeNotes(base: string[], file: string[], current: string[]): string[] {
  const written = new Set(file);
  const removed = new Set(base.filter((note) => !isQuote(note) && !written.has(note)));
  const known = new Set([...base, ...current]);
  return [
    ...current.filter((note) => !removed.has(note)),
    ...[...written].filter((note) => !known.has(note)),
  ];
}

/** The mark of a line that stands in both: the file's where it differs from what was written there. */
function mergeMark(base: PlanStep, file: PlanStep, current: PlanStep): PlanStep["mark"] {
  return file.mark === base.mark ? current.mark : file.mark;
}

function mergeSteps(base: PlanStep[], file: PlanStep[], current: PlanStep[]): PlanStep[] {
  const fileOfBase = pairEqual(base, file);
  const baseOfCurrent = pairEqual(current, base);
  const fileOfCurrent = pairEqual(current, file);
  const kept = current.flatMap((step, at): PlanStep[] => {
    const inBase = baseOfCurrent.get(at);
    const inFile = fileOfCurrent.get(at);
    const theirs = inFile === undefined ? undefined : file[inFile];
    if (inBase === undefined) return [{ ...step, mark: theirs?.mark ?? step.mark }];
    return theirs ? [{ ...step, mark: mergeMark(base[inBase]!, theirs, step) }] : [];
  });
  const old = new Set([...fileOfBase.values(), ...fileOfCurrent.values()]);
  return [...kept, ...file.filter((_, at) => !old.has(at))];
}

/** `base` is null where the item is new on both sides; what the file says of it then wins. */
function mergeItem(base: PlanItem | null, file: PlanItem, current: PlanItem): PlanItem {
  const before = base ?? { ...current, mark: "open" as const, notes: [], steps: [] };
  return {
    text: current.given || file.text === before.text ? current.text : file.text,
    mark: base ? mergeMark(before, file, current) : file.mark,
    given: current.given,
    notes: mergeNotes(before.notes, file.notes, current.notes),
    steps: mergeSteps(before.steps, file.steps, current.steps),
  };
}

function isSame(base: PlanItem, file: PlanItem): boolean {
  return base.text === file.text && base.mark === file.mark;
}

/** The item of `current` that each item of the file stands for, if any, with what was last written of it. */
interface Origin {
  readonly base: PlanItem | null;
  readonly current: number | null;
}

function originsOf(base: PlanItem[], file: PlanItem[], current: PlanItem[]): Origin[] {
  const currentOfBase = pairEqual(base, current);
  const baseOfFile = pairLines(file, base);
  const taken = new Set(currentOfBase.values());
  const free = current.map((item, at) => ({ text: item.text, at })).filter(({ at }) => !taken.has(at));
  const orphans = file
    .map((item, at) => ({ text: item.text, at }))
    .filter(({ at }) => currentOfBase.get(baseOfFile.get(at) ?? -1) === undefined);
  const adopted = new Map(
    [...pairEqual(orphans, free)].map(([orphan, place]) => [orphans[orphan]!.at, free[place]!.at]),
  );
  return file.map((_, at) => {
    const inBase = baseOfFile.get(at);
    const known = inBase === undefined ? undefined : currentOfBase.get(inBase);
    if (known !== undefined) return { base: base[inBase!]!, current: known };
    return { base: inBase === undefined ? null : base[inBase]!, current: adopted.get(at) ?? null };
  });
}

/** Items of `current` that the file took away: written there before, absent now, and not given. */
function removedItems(base: PlanItem[], current: PlanItem[], seen: ReadonlySet<number | null>): Set<number> {
  const written = pairEqual(base, current).values();
  return new Set([...written].filter((at) => !seen.has(at) && !current[at]!.given));
}

function mergeItems(base: PlanItem[], file: PlanItem[], current: PlanItem[]): PlanItem[] {
  const origins = originsOf(base, file, current);
  const removed = removedItems(base, current, new Set(origins.map((origin) => origin.current)));
  const merged: PlanItem[] = [...current];
  const added: { after: number; item: PlanItem }[] = [];
  const known = new Set(current.map((item) => textKey(item.text)));
  let after = -1;
  for (const [at, origin] of origins.entries()) {
    const item = file[at]!;
    if (origin.current !== null) {
      after = origin.current;
      merged[after] = mergeItem(origin.base, item, current[after]!);
    } else if ((origin.base === null || !isSame(origin.base, item)) && !known.has(textKey(item.text))) {
      known.add(textKey(item.text));
      added.push({ after, item });
    }
  }
  const room = Math.max(0, MAX_PLAN_ITEMS - current.length + removed.size);
  const fitting = added.slice(0, room);
  const newAfter = (place: number) => fitting.filter((each) => each.after === place).map((each) => each.item);
  return [
    ...newAfter(-1),
    ...merged.flatMap((item, at) => (removed.has(at) ? [] : [item]).concat(newAfter(at))),
  ];
}

function readFile(text: string): Plan | null {
  if (text.length > MAX_PLAN_FILE_CHARS || text.includes("\0")) return null;
  const plan = parsePlan(text);
  return { ...plan, items: plan.items.slice(0, MAX_FILE_ITEMS) };
}

/** A file without any item is a checklist no more: its quoted lines are heard, and nothing is taken from the plan. */
function withQuotes(plan: Plan, file: Plan): Plan {
  const notes = file.notes.filter(isQuote);
  return { ...plan, notes: mergeNotes([], notes, plan.notes) };
}

/** What is left of a merge that grew past the limit: the marks. */
function marksOnly(merged: Plan, current: Plan): Plan {
  const places = pairEqual(current.items, merged.items);
  const items = current.items.map((item, at) => {
    const place = places.get(at);
    return place === undefined ? item : { ...item, mark: merged.items[place]!.mark };
  });
  return { ...current, items };
}

/**
 * Merges what a worker made of `plan.md` into the plan, three-way: `base` is our last rendering, `file` what is on disk
 * now, `current` the plan as we know it. The file wins the lines that it changed, with these exceptions: a given item
 * is never removed and keeps its words (a reworded one gives its mark), quoted notes are never removed, and new items
 * are not given (one that repeats another's words is not new). A file that is no plan (binary, empty, too large)
 * changes nothing; growth past `MAX_PLAN_ITEMS` or `MAX_PLAN_BYTES` is dropped, marks are taken all the same. Merging
 * the same file again changes nothing, while no two items have equal words.
 */
export function mergePlan(input: { base: string; file: string; current: Plan }): Plan {
  const { current } = input;
  if (input.file === input.base) return current;
  const file = readFile(input.file);
  if (file === null) return current;
  const base = parsePlan(input.base);
  const isChecklist = file.items.length > 0 || base.items.length === 0;
  const merged = isChecklist
    ? {
        items: mergeItems(base.items, file.items, current.items),
        notes: mergeNotes(base.notes, file.notes, current.notes),
      }
    : withQuotes(current, file);
  return planBytes(merged) > MAX_PLAN_BYTES ? marksOnly(merged, current) : merged;
}
