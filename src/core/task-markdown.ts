import type { PlacedEvent } from "../protocol/event.ts";
import type { Question } from "../protocol/question.ts";
import type { Task, TaskContext } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { renderPlan } from "./plan-markdown.ts";
import { fence } from "./prompt.ts";
import { transcriptMarkdown } from "./transcript-markdown.ts";

/** A task with everything that was said in it. */
export interface WholeTask {
  readonly task: Task;
  readonly workspace: Workspace;
  /** Its further workspaces. */
  readonly also: readonly Workspace[];
  readonly prompt: string;
  readonly context: TaskContext;
  readonly questions: readonly Question[];
  readonly transcript: readonly PlacedEvent[];
}

/** A task as one Markdown document. What people and agents wrote stands in fences; the agent's own speech stands as it is. */
export function taskMarkdown({
  task,
  workspace,
  also,
  prompt,
  context,
  questions,
  transcript,
}: WholeTask): string {
  const files = context.files.map((file) => `### ${file.path}\n\n${fence(file.content)}`);
  const parts = [
    `# ${task.slug}`,
    facts(task, [workspace, ...also]),
    `## Prompt\n\n${fence(prompt)}`,
    context.text === null ? null : `## Context\n\n${fence(context.text)}`,
    ...(files.length > 0 ? ["## Files", ...files] : []),
    task.plan.items.length === 0 ? null : `#${renderPlan(task.plan, { title: "Plan" }).trim()}`,
    `## Transcript\n\n${transcriptMarkdown(transcript, questions)}`,
    resultPart(task),
  ];
  return `${parts.filter((part) => part !== null).join("\n\n")}\n`;
}

function facts({ status, model, createdAt, attempt }: Task, workspaces: readonly Workspace[]): string {
  return [
    `- State: ${status.state}${status.state === "failed" ? ` (${status.reason}: ${status.message})` : ""}`,
    `- Model: ${model.name} (${model.agent})`,
    ...workspaces.map(({ path }) => `- Workspace: ${path}`),
    `- Handed over: ${new Date(createdAt).toISOString()}`,
    ...(attempt > 1 ? [`- Attempts: ${attempt}`] : []),
  ].join("\n");
}

function resultPart({ status }: Task): string | null {
  const result = "result" in status ? status.result : null;
  if (!result) return null;
  const files = result.files.map((file) => `- ${file}`);
  return ["## Result", fence(result.summary), ...(files.length > 0 ? [files.join("\n")] : [])].join("\n\n");
}
