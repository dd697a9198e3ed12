import { awaited } from "../core/terminal-wait.ts";
import type { ModelInfo } from "../protocol/agent.ts";
import type { Attention, Blocker } from "../protocol/attention.ts";
import type { Task } from "../protocol/task.ts";
import { shortFacts } from "./task-facts.ts";
import type { Reply } from "./tool.ts";
import { checked, cutLine, fromWorker } from "./words.ts";

const MAX_WAITING = 10;
const MAX_MODELS = 20;
const MAX_BLOCKED = 10;
const MAX_SAYS = 200;

interface Overview {
  readonly tasks: readonly Task[];
  readonly next: string | null;
  readonly attention: Attention;
  readonly models: readonly ModelInfo[];
  /** A model that the person did not name is confirmed first. */
  readonly confirms: boolean;
}

/** `task` or `session` says of whom; `id` is a call's or a message's that somebody decides on. */
interface Waiting {
  task?: string;
  session?: string;
  id?: string;
  kind: "question" | "approval" | "flag" | "message" | "terminal";
  from_worker: string;
}

/** What waits for somebody, what runs, and what new tasks run on. */
export function overviewReply({ tasks, next, attention, models, confirms }: Overview): Reply {
  const waiting = waitingOf(attention, tasks);
  const names = models.filter(({ available }) => available).map(({ name }) => name);
  const preferred = models.find(({ isDefault }) => isDefault)?.name ?? null;
  const shown = waiting.slice(0, MAX_WAITING);
  const blockers = attention.blockers.slice(0, MAX_WAITING);
  const hints = hintsFor(shown);
  const lines = [
    `Default model: ${preferred ?? "none"}${confirms ? "" : " (not confirmed first)"}. Models: ${names.slice(0, MAX_MODELS).join(", ") || "none"}.`,
    tasks.length === 0 ? "Nothing runs." : tasks.map(taskLine).join("\n"),
    next === null ? "" : `More: before=${next}`,
    ...blockers.map(
      ({ slug, state, blocks }) => `${slug} ${state}: ${blocks.length} wait for it. dispatch_retry`,
    ),
    waiting.length + blockers.length === 0 ? "Nothing waits." : "",
    fromWorker(shown.map(waitingLine)),
    ...hints,
  ];
  return {
    facts: {
      default: preferred,
      confirm_default: confirms,
      models: names.slice(0, MAX_MODELS),
      tasks: tasks.map(shortFacts),
      ...(next === null ? {} : { next }),
      waits: shown,
      ...(waiting.length > MAX_WAITING ? { waits_in_all: waiting.length } : {}),
      ...(blockers.length > 0 ? { blockers: blockers.map(blockerFacts) } : {}),
      ...(hints.length > 0 ? { hints } : {}),
    },
    text: lines.filter((line) => line !== "").join("\n"),
  };
}

function hintsFor(waiting: readonly Waiting[]): string[] {
  const isCut = waiting.some(({ from_worker }) => from_worker.endsWith("…"));
  const atTerminal = waiting.some(({ kind }) => kind === "terminal");
  return [
    ...(isCut ? ["Whole: dispatch_status with the task."] : []),
    ...(atTerminal ? ["At a terminal its person decides: dispatch attach SESSION"] : []),
  ];
}

function taskLine(task: Task): string {
  const { done, all } = checked(task.plan);
  return `${task.slug}: ${task.status.state}${all > 0 ? `, ${done}/${all}` : ""}`;
}

function blockerFacts({ slug, state, blocks }: Blocker): object {
  return { task: slug, state, blocks: blocks.slice(0, MAX_BLOCKED) };
}

function waitingLine({ task, session = "", id, kind, from_worker }: Waiting): string {
  return `${task ?? session} (${kind}${id === undefined ? "" : ` ${id}`}): ${from_worker}`;
}

function waitingOf(attention: Attention, tasks: readonly Task[]): Waiting[] {
  const { questions, approvals, flags, messages, terminals } = attention;
  const slugs = new Map<string, string>(tasks.map(({ id, slug }) => [id, slug]));
  const whose = (task: string | null, session: string) =>
    task === null ? { session } : { task: slugs.get(task) ?? task };
  const says = (text: string) => ({ from_worker: cutLine(text, MAX_SAYS) });
  return [
    ...questions.map(({ task, session, text }): Waiting => ({
      ...whose(task, session),
      kind: "question",
      ...says(text),
    })),
    ...approvals.map(({ id, task, session, call }): Waiting => {
      const text = `${call.tool}: ${call.title}`;
      return { ...whose(task, session), id, kind: "approval", ...says(text) };
    }),
    ...flags.map(({ task, session, text }): Waiting => ({
      ...whose(task, session),
      kind: "flag",
      ...says(text),
    })),
    ...messages.map(({ id, task, session, text }): Waiting => ({
      ...whose(task, session),
      id,
      kind: "message",
      ...says(text),
    })),
    ...terminals.map((each): Waiting => ({
      session: each.id,
      kind: "terminal",
      ...says(`${each.name ?? ""} ${awaited(each) ?? ""}`),
    })),
  ];
}
