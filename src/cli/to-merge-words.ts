import { isSettled, mergeCommand } from "../core/merge.ts";
import { hasUnmerged, placesOf } from "../core/place.ts";
import { hasRivals } from "../core/sweep.ts";
import type { CallAnswer } from "../protocol/api.ts";
import type { AttentionRow } from "./attention-words.ts";
import { mergeCell, mergeNote, mergeSteps } from "./merge-words.ts";
import { cut, type Look } from "./output.ts";

type Report = CallAnswer<"getReport">;
type Standing = Report["tasks"][number];

/** The longest reason, and list of names, in a row. */
const ROW_CHARS = 200;

/** How far a task's work is on its way to its branch; nothing where nobody has tried. */
export function mergedCell({ task, merge }: Pick<Standing, "task" | "merge">, look: Look): string {
  const isIn = !hasUnmerged(task) && placesOf(task).some(({ worktree }) => worktree?.state === "merged");
  if (isIn) return look.colour("green", "merged");
  return merge === null || merge.status.state === "canceled" ? "" : mergeCell(merge, look);
}

/** What waits for a merge: what went wrong with it and what to do, then what can be merged, then rivals. */
export function toMergeRows({ tasks, sweeps, toMerge }: Report): AttentionRow[] {
  const isMerging = ({ merge }: Standing) => merge !== null && !isSettled(merge);
  const contests = sweeps.filter(hasRivals);
  const rivals = new Set<string>(contests.map(({ id }) => id));
  const waiting = toMerge.flatMap(({ task: id, gated }) => {
    const standing = tasks.find(({ task }) => task.id === id)!;
    return { ...standing, command: mergeCommand(standing.task.slug, { gated }) };
  });
  const isTroubled = ({ merge }: Standing) => merge !== null && merge.status.state !== "canceled";
  const isRival = ({ task }: Standing) => task.sweep !== null && rivals.has(task.sweep);
  return [
    ...waiting.filter(isTroubled).map(troubleRow),
    ...waiting
      .filter((each) => !isTroubled(each) && !isRival(each))
      .map(({ command }) => ({ text: "", next: command })),
    ...contests.flatMap(({ id, slug }) => {
      const names = waiting.flatMap(({ task }) => (task.sweep === id ? task.slug : []));
      if (names.length === 0 || tasks.some((each) => each.task.sweep === id && isMerging(each))) return [];
      return { text: `take one: ${cut(names.join(", "), ROW_CHARS)}`, next: `dispatch compare ${slug}` };
    }),
  ];
}

/** What the merge queue has. */
export function mergingRows({ tasks }: Report, look: Look): AttentionRow[] {
  const merges = tasks.flatMap(({ merge }) => (merge === null || isSettled(merge) ? [] : merge));
  if (merges.length === 0) return [];
  const lines = merges.map((merge) =>
    [merge.slug, mergeCell(merge, look), mergeNote(merge)].join("  ").trimEnd(),
  );
  return [{ text: lines.join("\n"), next: "dispatch merges" }];
}

function troubleRow({ merge, command }: Standing & { command: string }): AttentionRow {
  const { slug, status } = merge!;
  const steps = mergeSteps(merge!);
  return {
    text: `${slug}: ${status.state}, ${cut(mergeNote(merge!), ROW_CHARS)}`,
    next: steps.length === 0 ? command : steps.join("   "),
  };
}
