import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";
import type { Happened } from "./happening.ts";
import { mergeText } from "./merge-words.ts";
import { indent, type Look } from "./output.ts";
import { approvalText, failedStep, questionText } from "./task-text.ts";
import { NO_WAIT, stateSentence } from "./task-words.ts";

/** Shows what happened and what to do; the exit code says whether it is done, failed, or waits for a person. */
export async function showHappening(context: Context, happened: Happened | null): Promise<number> {
  if (!happened) return EXIT.interrupted;
  await context.output.show(happened, happeningText);
  const { happening } = happened;
  if (happening.type === "merge") return happening.merge.status.state === "merged" ? EXIT.done : EXIT.failed;
  if (happening.type !== "ended") return EXIT.waits;
  return happening.task.status.state === "completed" ? EXIT.done : EXIT.failed;
}

function happeningText({ happening, task }: Happened, look: Look): string {
  const name = look.bold(task.slug);
  switch (happening.type) {
    case "question": {
      const text = indent(questionText(happening.question));
      return `${name} asks:\n${text}\nNext: dispatch answer ${task.slug} <text>`;
    }
    case "approval": {
      const text = indent(approvalText(happening.approval));
      const id = happening.approval.id;
      return `${name} wants to use a tool:\n${text}\nNext: dispatch approve ${task.slug} ${id}   dispatch deny ${task.slug} ${id}`;
    }
    case "flag":
      return `${name} flags:\n${indent(happening.flag.text)}\nNext: dispatch status ${task.slug}`;
    case "merge":
      return mergeText(happening.merge, look);
    case "ended":
      return endText(happening.task, name);
  }
}

function endText(task: Happened["task"], name: string): string {
  const status = task.status;
  switch (status.state) {
    case "completed":
      return `${name} is done.\n${indent(status.result.summary)}\nNext: dispatch result ${task.slug}`;
    case "failed":
      return `${name} ${stateSentence(task, NO_WAIT, Date.now())}\nNext: ${failedStep(task.slug, status)}`;
    case "canceled":
    case "rejected":
    case "submitted":
    case "working":
    case "input-required":
      return `${name} ${stateSentence(task, NO_WAIT, Date.now())}`;
  }
}
