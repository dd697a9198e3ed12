import type { ModelInfo } from "../protocol/agent.ts";
import type { Attention } from "../protocol/attention.ts";
import type { Task } from "../protocol/task.ts";
import { shortFacts } from "./task-facts.ts";
import type { Reply } from "./tool.ts";
import { checked, cutLine, fromWorker } from "./words.ts";

const MAX_WAITING = 10;
const MAX_MODELS = 20;
const MAX_SAYS = 200;

interface Overview {
  readonly tasks: readonly Task[];
  readonly next: string | null;
  readonly attention: Attention;
  readonly models: readonly ModelInfo[];
  /** A model that the person did not name is confirmed first. */
  readonly confirms: boolean;
}

interface Waiting {
  task: string;
  kind: "question" | "approval" | "flag";
  from_worker: string;
}

/** What waits for somebody, what runs, and what new tasks run on. */
export function overviewReply({ tasks, next, attention, models, confirms }: Overview): Reply {
  const waiting = waitingOf(attention, tasks);
  const names = models.filter(({ available }) => available).map(({ name }) => name);
  const preferred = models.find(({ isDefault }) => isDefault)?.name ?? null;
  const shown = waiting.slice(0, MAX_WAITING);
  const lines = [
    `Default model: ${preferred ?? "none"}${confirms ? "" : " (not confirmed first)"}. Models: ${names.slice(0, MAX_MODELS).join(", ") || "none"}.`,
    tasks.length === 0 ? "Nothing runs." : tasks.map(taskLine).join("\n"),
    next === null ? "" : `More: before=${next}`,
    waiting.length === 0 ? "Nothing waits." : "",
    fromWorker(shown.map(({ task, kind, from_worker }) => `${task} (${kind}): ${from_worker}`)),
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
    },
    text: lines.filter((line) => line !== "").join("\n"),
  };
}

function taskLine(task: Task): string {
  const { done, all } = checked(task.plan);
  return `${task.slug}: ${task.status.state}${all > 0 ? `, ${done}/${all}` : ""}`;
}

function waitingOf({ questions, approvals, flags }: Attention, tasks: readonly Task[]): Waiting[] {
  const slugs = new Map<string, string>(tasks.map(({ id, slug }) => [id, slug]));
  const waiting = (kind: Waiting["kind"], id: string | null, text: string): Waiting => ({
    task: id === null ? "" : (slugs.get(id) ?? id),
    kind,
    from_worker: cutLine(text, MAX_SAYS),
  });
  return [
    ...questions.map(({ task, text }) => waiting("question", task, text)),
    ...approvals.map(({ task, call }) => waiting("approval", task, `${call.tool}: ${call.title}`)),
    ...flags.map(({ task, text }) => waiting("flag", task, text)),
  ];
}
