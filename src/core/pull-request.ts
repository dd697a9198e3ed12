import type { FileChange } from "../protocol/change.ts";
import type { Merge } from "../protocol/merge.ts";
import type { PlanItem } from "../protocol/plan.ts";
import type { Task } from "../protocol/task.ts";
import { cleanLine } from "./line.ts";

/** Beyond these a reviewer is told how much is missing: forges take bodies of 65,536 characters. */
const MAX_TEXT = 12_000;
const MAX_FILES = 100;
const MAX_ITEMS = 100;

/**
 * What a pull request is written from. `gate`: the workspace's commands; `merge`: the last one in the queue; `beside`:
 * the further repositories of one that is about several.
 */
export interface Reviewed {
  readonly task: Task;
  readonly prompt: string;
  readonly files: readonly FileChange[];
  readonly gate: readonly string[];
  readonly merge: Merge | null;
  readonly beside: readonly { readonly name: string; readonly branch: string }[];
}

/** A task's branch in words: what was asked, the plan with its ticks, what came out, and how it was checked. */
export function pullRequestText(of: Reviewed): { title: string; body: string } {
  const { task, prompt, files } = of;
  const items = task.plan.items.map(itemLine);
  const summary = "result" in task.status ? (task.status.result?.summary ?? "") : "";
  const parts = [
    ["What was asked", quoted(prompt)],
    ["Plan", listed(items, MAX_ITEMS, "items")],
    ["What came out", quoted(summary)],
    ["Files", listed(files.map(fileLine), MAX_FILES, "files")],
    ["How it was checked", checks(of).join("\n")],
    ["Belongs together with", of.beside.map(besideLine).join("\n")],
  ];
  const body = parts.filter(([, text]) => text !== "").map(([title, text]) => `## ${title}\n\n${text}\n`);
  return { title: cleanLine(task.title), body: body.join("\n") };
}

function itemLine({ text, mark }: PlanItem): string {
  const note = mark === "blocked" || mark === "error" ? ` (${mark})` : "";
  return `- [${mark === "done" ? "x" : " "}] ${cleanLine(text)}${note}`;
}

function fileLine({ path, from, status, additions, deletions, binary }: FileChange): string {
  const lines = binary ? "binary" : `+${additions} −${deletions}`;
  const old = from === undefined ? "" : ` from ${code(from)}`;
  return `- ${code(path)} ${status}${old}, ${lines}`;
}

function besideLine({ name, branch }: Reviewed["beside"][number]): string {
  return `- ${code(branch)} of ${code(name)}`;
}

function checks({ gate, merge }: Reviewed): string[] {
  const commands = gate.map((command) => `- ${code(command)}`);
  const status = merge?.status;
  if (status?.state === "merged" && gate.length > 0)
    return [`These passed on ${code(status.commit)} before it was merged:`, ...commands];
  if (status?.state === "gate-failed")
    return [`${code(status.trouble.command)} failed on top of ${code(status.trouble.onto)}.`];
  if (gate.length > 0) return ["By its worker. These were not run on this branch yet:", ...commands];
  return ["By its worker: this workspace has no gate."];
}

/** Text of people and agents as a quote, so that no heading or tick of theirs passes for one of ours. */
function quoted(text: string): string {
  const kept = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).toWellFormed()}…` : text;
  if (kept.trim() === "") return "";
  return kept
    .trim()
    .split(/\r\n|[\r\n]/)
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}

function listed(lines: readonly string[], most: number, noun: string): string {
  const more = lines.length - most;
  return [...lines.slice(0, most), ...(more > 0 ? [`- … and ${more} more ${noun}`] : [])].join("\n");
}

/** A code span that the text cannot end: https://spec.commonmark.org/0.31.2/#code-spans */
function code(text: string): string {
  const line = cleanLine(text);
  const ticks = "`".repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length)) + 1);
  const space = /^`|`$/.test(line) ? " " : "";
  return `${ticks}${space}${line}${space}${ticks}`;
}
