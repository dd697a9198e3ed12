import { endingOf, isOpen } from "../core/run.ts";
import type { TaskDetail } from "../protocol/api.ts";
import type { Question } from "../protocol/question.ts";
import type { Task } from "../protocol/task.ts";
import type { Reply } from "./tool.ts";
import { checked, cut, cutLine, fromWorker, planLines } from "./words.ts";

const MAX_QUESTION = 2_000;
const MAX_QUESTIONS = 3;
const MAX_OPTIONS = 12;
const MAX_OPTION = 100;
const MAX_FLAGS = 5;
const MAX_FLAG = 300;
const MAX_APPROVALS = 5;
const MAX_TITLE = 200;
const MAX_MESSAGE = 400;
const MAX_SUMMARY = 600;
const MAX_FILES = 12;
const MAX_PATH = 200;

/** A task in one line of facts. */
export function shortFacts(task: Task): Record<string, unknown> {
  const { done, all } = checked(task.plan);
  const ending = endingOf(task);
  return {
    task: task.slug,
    state: task.status.state,
    ...(ending ? { ending: ending.state } : {}),
    ...(all > 0 ? { plan: `${done}/${all}` } : {}),
    ...(task.waitsFor.length > 0 ? { waits_for: task.waitsFor.length } : {}),
    ...(task.blockedBy.length > 0 ? { blocked: true } : {}),
  };
}

/** One task, whole as far as a caller decides by it: what the worker wrote stands apart from what is so. */
export function taskReply(detail: TaskDetail): Reply {
  const { task } = detail;
  const written = writtenBy(detail);
  const hints = nextLines(detail);
  const lines = [headLine(detail), ...hints, fromWorker(writtenLines(written))];
  return {
    facts: {
      ...shortFacts(task),
      model: task.model.name,
      ...(detail.queue === null ? {} : { queue: detail.queue }),
      ...(task.attempt > 1 ? { attempt: task.attempt } : {}),
      ...(task.status.state === "failed" ? { reason: task.status.reason } : {}),
      ...(task.status.state === "failed" && task.status.instead ? { instead: task.status.instead } : {}),
      ...(task.worktree ? { worktree: task.worktree.path } : {}),
      ...(task.also.length > 0
        ? { also: task.also.map(({ name, worktree }) => worktree?.path ?? name) }
        : {}),
      ...(hints.length > 0 ? { hints } : {}),
      ...(Object.keys(written).length > 0 ? { from_worker: written } : {}),
    },
    text: lines.filter((line) => line !== "").join("\n"),
  };
}

/** What waits of a task, with the tool or the command that deals with it. */
function nextLines({ task, questions, approvals, after }: TaskDetail): string[] {
  const lines: string[] = [];
  for (const id of task.blockedBy) {
    const blocker = after.find((each) => each.id === id);
    const { instead } = blocker?.status.state === "failed" ? blocker.status : {};
    lines.push(
      `It does not start before ${blocker?.slug ?? id} is completed: dispatch_retry${withModel(instead)}.`,
    );
  }
  if (questions.some(isOpen)) lines.push("It asks: dispatch_answer.");
  const asked = questions.filter(isOpen).some(({ text }) => text.length > MAX_QUESTION);
  const left = "result" in task.status ? (task.status.result?.summary ?? "") : "";
  if (asked || left.length > MAX_SUMMARY) lines.push("What is cut here stands whole in dispatch_result.");
  if (approvals.some(isOpen)) lines.push(`A tool call waits for the person: dispatch approve ${task.slug}`);
  if (task.status.state === "failed") {
    const { instead } = task.status;
    lines.push(`Again: dispatch_retry${withModel(instead)}.`);
  }
  return lines;
}

function withModel(instead: readonly string[] | undefined): string {
  return instead ? ` with model ${instead.join(" or ")}` : "";
}

function headLine({ task, queue }: TaskDetail): string {
  const { done, all } = checked(task.plan);
  const { status } = task;
  const words = [
    `${task.slug}: ${status.state}`,
    ...(status.state === "failed" ? [status.reason] : []),
    ...(endingOf(task) ? ["ending"] : []),
    ...(queue === null ? [] : [`number ${queue} in the queue`]),
    ...(task.waitsFor.length > 0 ? [`after ${task.waitsFor.length} more`] : []),
    ...(all > 0 ? [`${done} of ${all} done`] : []),
    task.model.name,
  ];
  return `${words.join(", ")}.`;
}

interface Written {
  plan?: string[];
  questions?: { id: string; text: string; options?: string[] }[];
  approvals?: { id: string; tool: string; title: string }[];
  flags?: string[];
  message?: string;
  summary?: string;
  files?: string[];
}

/** Everything of a task that its worker wrote or may have written; empty parts are left out. */
function writtenBy({ task, questions, approvals, flags }: TaskDetail): Written {
  const { status } = task;
  const result = "result" in status ? status.result : null;
  const open = questions.filter(isOpen).slice(0, MAX_QUESTIONS);
  const gated = approvals.filter(isOpen).slice(0, MAX_APPROVALS);
  const raised = flags.filter(({ seenAt }) => seenAt === null).slice(0, MAX_FLAGS);
  return {
    ...(task.plan.items.length > 0 ? { plan: planLines(task.plan) } : {}),
    ...(open.length > 0 ? { questions: open.map(questionFacts) } : {}),
    ...(gated.length > 0
      ? {
          approvals: gated.map(({ id, call }) => ({
            id,
            tool: call.tool,
            title: cutLine(call.title, MAX_TITLE),
          })),
        }
      : {}),
    ...(raised.length > 0 ? { flags: raised.map(({ text }) => cutLine(text, MAX_FLAG)) } : {}),
    ...(status.state === "failed" ? { message: cut(status.message, MAX_MESSAGE) } : {}),
    ...(result?.summary ? { summary: cut(result.summary, MAX_SUMMARY) } : {}),
    ...(result && result.files.length > 0 ? { files: someFiles(result.files) } : {}),
  };
}

function questionFacts({ id, text, options }: Question): { id: string; text: string; options?: string[] } {
  const some = options.slice(0, MAX_OPTIONS).map((option) => cutLine(option, MAX_OPTION));
  return { id, text: cut(text, MAX_QUESTION), ...(some.length > 0 ? { options: some } : {}) };
}

function someFiles(files: readonly string[]): string[] {
  const some = files.slice(0, MAX_FILES).map((file) => cutLine(file, MAX_PATH));
  return files.length > MAX_FILES ? [...some, `… and ${files.length - MAX_FILES} more`] : some;
}

function writtenLines(written: Written): string[] {
  const { plan = [], questions = [], approvals = [], flags = [], message, summary, files } = written;
  return [
    ...plan,
    ...questions.flatMap(({ id, text, options }) => [
      `Question${questions.length > 1 ? ` ${id}` : ""}: ${text}`,
      ...(options ? [`Options: ${options.join(" | ")}`] : []),
    ]),
    ...approvals.map(({ id, tool, title }) => `Approval ${id}: ${tool}: ${title}`),
    ...flags.map((flag) => `Flag: ${flag}`),
    ...(message === undefined ? [] : [`Failed: ${message}`]),
    ...(summary === undefined ? [] : [`Summary: ${summary}`]),
    ...(files === undefined ? [] : [`Files: ${files.join(", ")}`]),
  ];
}
