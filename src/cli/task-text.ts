import { isSettled, mergeCommand } from "../core/merge.ts";
import { hasUnmerged } from "../core/place.ts";
import { whollyVisible } from "../core/visible.ts";
import type { TaskDetail } from "../protocol/api.ts";
import type { Approval } from "../protocol/approval.ts";
import type { RuleMatch } from "../protocol/rule.ts";
import type { Question } from "../protocol/question.ts";
import type { Task } from "../protocol/task.ts";
import { mergeCell, mergeNote, mergeSteps } from "./merge-words.ts";
import { indent, type Look } from "./output.ts";
import { matchText } from "./rule-words.ts";
import { spentOfText, treeText } from "./spent-words.ts";
import { planText, stateCell, stateSentence, stateWord } from "./task-words.ts";

/** A question as it was asked, with its options. */
export function questionText(question: Question): string {
  const options = question.options.map((option, index) => `${index + 1}. ${option}`);
  return [question.text, ...options].join("\n");
}

/** A gated call: what the tool will get, exactly. */
export function callText({ call }: Approval): string {
  const input = typeof call.input === "string" ? call.input : JSON.stringify(call.input, null, 2);
  const lines = [`${call.tool}: ${call.title}`, ...call.paths, ...(input === undefined ? [] : [input])];
  return whollyVisible(lines.join("\n"));
}

/** What a longer grant would allow. */
export function offerText(offer: readonly RuleMatch[]): string {
  return whollyVisible(offer.map(matchText).join("; "));
}

/** The same with what a longer grant would allow. */
export function approvalText(approval: Approval): string {
  const { offer = [] } = approval;
  if (offer.length === 0) return callText(approval);
  return `${callText(approval)}\n--always would allow: ${offerText(offer)}`;
}

/** The commands that come next, the most useful first. */
function nextSteps(detail: TaskDetail): string[] {
  const { task } = detail;
  const steps = task.blockedBy.map((id) => {
    const blocker = detail.after.find((each) => each.id === id);
    return failedStep(blocker?.slug ?? id, blocker?.status.state === "failed" ? blocker.status : {});
  });
  if (detail.questions.some((each) => each.status.state === "open"))
    steps.push(`dispatch answer ${task.slug} <text>`);
  const open = detail.approvals.filter((each) => each.status.state === "open");
  const request = open.length > 1 ? ` ${open[0]!.id}` : "";
  if (open.length > 0)
    steps.push(`dispatch approve ${task.slug}${request}`, `dispatch deny ${task.slug}${request}`);
  if (steps.length > 0) return steps;
  return afterState(detail);
}

/** What to do about a failure, with the other models that would do; without a word of it, another try. */
export function failedStep(
  slug: string,
  { hint, instead = [] }: { hint?: string | null | undefined; instead?: string[] | undefined },
): string {
  const others = instead.length > 1 ? ` (or ${instead.slice(1).join(", ")})` : "";
  return `${hint ?? `dispatch retry ${slug}`}${others}`;
}

function afterState({ task, merge, gated, mergedInstead }: TaskDetail): string[] {
  switch (task.status.state) {
    case "submitted":
    case "working":
    case "input-required":
      return [`dispatch watch ${task.slug}`];
    case "completed":
      return hasUnmerged(task)
        ? [`dispatch diff ${task.slug}`, ...mergeStepsOf(task, { merge, gated, mergedInstead })]
        : [`dispatch result ${task.slug}`];
    case "failed":
      return [...new Set([failedStep(task.slug, task.status), `dispatch logs ${task.slug}`])];
    case "canceled":
      return [`dispatch retry ${task.slug}`];
    case "rejected":
      return [];
  }
}

/** What goes on with the work that lies in a worktree: by the queue, where that has it or has to; a rival's goes that lost. */
function mergeStepsOf(
  { slug }: Task,
  { merge, gated, mergedInstead }: Pick<TaskDetail, "merge" | "gated" | "mergedInstead">,
): string[] {
  if (mergedInstead !== null) return [`dispatch clean ${slug} --force`];
  if (merge && !isSettled(merge)) return ["dispatch merges"];
  const steps = merge ? mergeSteps(merge) : [];
  return steps.length === 0 ? [mergeCommand(slug, { gated })] : steps;
}

/** Whose place a model took by itself, and why. */
function takenOver({ task, attempts }: TaskDetail): string | null {
  const before = attempts.at(-2);
  if (task.model.because !== "failover" || before?.outcome?.state !== "failed") return null;
  return `${task.model.name} took over from ${before.model.name}: ${before.outcome.message}`;
}

function present(worktree: Task["worktree"]): string | null {
  return worktree?.state === "present" ? worktree.path : null;
}

/** One task, whole, for people. */
export function taskText(detail: TaskDetail, look: Look, now: number): string {
  const { task } = detail;
  const where = present(task.worktree) ?? detail.workspace.path;
  const lines = [
    `${look.bold(task.slug)}  ${stateCell(task, look)}`,
    task.title,
    look.dim(`${task.model.name} in ${where}${task.attempt > 1 ? `, attempt ${task.attempt}` : ""}`),
    stateSentence(task, detail, now),
  ];
  for (const [at, { name, worktree }] of task.also.entries())
    lines.push(look.dim(`and in ${present(worktree) ?? detail.also[at]?.path ?? name}`));
  const { merge } = detail;
  if (merge && merge.status.state !== "canceled" && hasUnmerged(task))
    lines.push(
      `merge: ${[mergeCell(merge, look), mergeNote(merge)].filter((part) => part !== "").join(", ")}`,
    );
  if (detail.mergedInstead !== null) lines.push(look.dim(`${detail.mergedInstead} was merged in its place`));
  const taken = takenOver(detail);
  if (taken !== null) lines.push(look.dim(taken));
  if (task.waitsFor.length > 0)
    lines.push(`after ${detail.after.map((each) => `${each.slug} (${stateWord(each)})`).join(", ")}`);
  if (task.fromSession !== null) lines.push(look.dim(`handed over from ${task.fromSession}`));
  if (task.owns.length > 0) lines.push(look.dim(`owns ${task.owns.join(", ")}`));
  const used = spentOfText(task.spent, task.budget, detail.workedMs);
  if (used !== "") lines.push(look.dim(`used ${used}`));
  const tree = treeText(detail.tree);
  if (tree !== "") lines.push(look.dim(tree));
  if (task.plan.items.length > 0) lines.push("", planText(task.plan, look));
  for (const note of task.plan.notes) lines.push(look.dim(note));
  for (const question of detail.questions)
    if (question.status.state === "open")
      lines.push("", look.colour("yellow", "Question"), indent(questionText(question)));
  for (const approval of detail.approvals)
    if (approval.status.state === "open")
      lines.push(
        "",
        `${look.colour("yellow", "Approval")} ${look.dim(approval.id)}`,
        indent(approvalText(approval)),
      );
  for (const flag of detail.flags) lines.push("", look.colour("red", "Flag"), indent(flag.text));
  const { status } = task;
  if (status.state === "completed" && status.result.summary !== "") lines.push("", status.result.summary);
  const steps = nextSteps(detail);
  if (steps.length > 0) lines.push("", `Next: ${steps.join("   ")}`);
  return lines.join("\n");
}
