import { mergeCommand } from "../../core/merge.ts";
import type { CallAnswer } from "../../protocol/api.ts";
import type { FileChange } from "../../protocol/change.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { indent, type Look, table } from "../output.ts";
import { spentText } from "../spent-words.ts";
import { summaryOf } from "../sweep-words.ts";
import { failure, progress, stateCell } from "../task-words.ts";

export const compare = command({
  operands: ["SWEEP"],
  details:
    "Outcome, checklist, changes, cost and time of its tasks side by side, then what each worker says.",
  flags: {},
  async run({ client, output }, { operands }) {
    const detail = await client.call("getSweep", { sweep: operands[0]! }, { changes: "true" });
    await output.show(detail, compareText);
    return EXIT.done;
  },
});

function compareText({ tasks, toMerge }: CallAnswer<"getSweep">, look: Look): string {
  const row = (name: string, cell: (standing: (typeof tasks)[number]) => string) => [
    look.dim(name),
    ...tasks.map(cell),
  ];
  const rows = [
    row("", ({ task }) => look.bold(task.slug)),
    row("model", ({ task }) => task.model.name),
    row("outcome", ({ task }) => stateCell(task, look)),
    row("plan", ({ task }) => progress(task.plan) || "-"),
    row("files", ({ changes }) => (changes ? String(changes.length) : "-")),
    row("lines", ({ changes }) => (changes ? linesText(changes, look) : "-")),
    row("used", ({ task }) => spentText(task.spent) || "-"),
    row("time", ({ workedMs }) => formatDuration(workedMs)),
  ];
  const said = tasks.map(({ task }) => {
    const text = failure(task) || summaryOf(task) || "It left no summary.";
    return `${look.bold(task.slug)}\n${indent(text)}`;
  });
  const merges = tasks.flatMap(({ task }) => {
    const work = toMerge.find((each) => each.task === task.id);
    return work ? mergeCommand(task.slug, work) : [];
  });
  const next = merges.join("   ");
  return [table(rows, look), "", ...said, ...(next === "" ? [] : ["", `Next: ${next}`])].join("\n");
}

function linesText(changes: readonly FileChange[], look: Look): string {
  const sum = (key: "additions" | "deletions") => changes.reduce((all, change) => all + change[key], 0);
  return `${look.colour("green", `+${sum("additions")}`)} ${look.colour("red", `-${sum("deletions")}`)}`;
}
