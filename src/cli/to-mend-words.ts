import type { CallAnswer } from "../protocol/api.ts";
import type { Task } from "../protocol/task.ts";
import type { AttentionRow } from "./attention-words.ts";
import { cut } from "./output.ts";
import { failedStep } from "./task-text.ts";
import { failure } from "./task-words.ts";

type Report = CallAnswer<"getReport">;

/** The longest reason, and list of names, in a row: the whole is in `dispatch status`. */
const ROW_CHARS = 200;

/** What failed and what to do about it: one row for all that failed for the same reason and are mended in the same way. */
export function toMendRows({ tasks, sweeps }: Report): AttentionRow[] {
  const failed = tasks.map(({ task }) => task).filter(({ status }) => status.state === "failed");
  const slugs = new Map<string, string>(sweeps.map(({ id, slug }) => [id, slug]));
  const alike = Map.groupBy(failed, (task) => JSON.stringify([failure(task), stepOf(task)]));
  return [...alike.values()].map((group) => {
    const [first] = group as [Task, ...Task[]];
    const whole = failed.filter(({ sweep }) => sweep !== null && sweep === first.sweep);
    const isSweep =
      group.length > 1 && group.length === whole.length && group.every((each) => whole.includes(each));
    const names = group.map(({ slug }) => slug);
    const target = isSweep ? slugs.get(first.sweep!)! : names.join(" ");
    const { retried, rest } = stepOf(first);
    return {
      text: `${cut(names.join(", "), ROW_CHARS)}: ${cut(failure(first), ROW_CHARS)}`,
      next: retried ? `dispatch retry ${target}${rest}` : rest,
    };
  });
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
