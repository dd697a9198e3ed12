import type { CallAnswer } from "../protocol/api.ts";
import type { Task } from "../protocol/task.ts";
import type { AttentionRow } from "./attention-words.ts";
import { cut } from "./output.ts";
import { failedStep } from "./task-text.ts";
import { failure } from "./task-words.ts";

type Report = CallAnswer<"getReport">;

/** The longest reason, and list of names, in a row: the whole is in `dispatch status`. */
const ROW_CHARS = 200;

/**
 * What failed, what that keeps from starting, and what to do about it: one row for all that failed for the same reason
 * and are mended in the same way.
 */
export function toMendRows(report: Report): AttentionRow[] {
  const failed = report.tasks.map(({ task }) => task).filter(({ status }) => status.state === "failed");
  const alike = Map.groupBy(failed, (task) => JSON.stringify([failure(task), stepOf(task)]));
  return [...alike.values()].map((group) => {
    const { retried, rest } = stepOf(group[0]!);
    return {
      text: `${namesText(group)}: ${cut(failure(group[0]!), ROW_CHARS)}${blockedText(group, report)}`,
      next: retried ? `dispatch retry ${targetOf(group, failed, report)}${rest}` : rest,
    };
  });
}

function namesText(group: readonly Task[]): string {
  return cut(group.map(({ slug }) => slug).join(", "), ROW_CHARS);
}

function blockedText(group: readonly Task[], { attention }: Report): string {
  const ids = new Set<string>(group.map(({ id }) => id));
  const blocked = new Set(attention.blockers.flatMap(({ task, blocks }) => (ids.has(task) ? blocks : [])));
  return blocked.size === 0 ? "" : `; so these do not start: ${cut([...blocked].join(", "), ROW_CHARS)}`;
}

/** What is named to retry several: the sweep of which these are all that failed, or each of them. */
function targetOf(group: readonly Task[], failed: readonly Task[], { sweeps }: Report): string {
  const sweep = sweeps.find(({ id }) => group.every((task) => task.sweep === id));
  const isAll = failed.every((task) => task.sweep !== sweep?.id || group.includes(task));
  return group.length > 1 && sweep && isAll ? sweep.slug : group.map(({ slug }) => slug).join(" ");
}

/** What to do about a failure; of a retry only what comes after the name, so that others are mended by the same. */
function stepOf({ slug, status }: Task): { retried: boolean; rest: string } {
  if (status.state !== "failed") return { retried: false, rest: "" };
  const step = failedStep(slug, status);
  const own = `dispatch retry ${slug}`;
  return step.startsWith(own)
    ? { retried: true, rest: step.slice(own.length) }
    : { retried: false, rest: step };
}
