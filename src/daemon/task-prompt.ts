import { mergePrompt } from "../core/merge-prompt.ts";
import { isAboutBudget } from "../core/run.ts";
import { type EarlierResult, firstPrompt, type NamedFolder, resumePrompt } from "../core/prompt.ts";
import type { Task } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { openMergeOf } from "../store/merge.ts";
import { listQuestions } from "../store/question.ts";
import { getTaskText } from "../store/task.ts";
import { rowOf } from "./known-agents.ts";
import type { Ground } from "./parts.ts";
import type { Place } from "./place.ts";
import { folderOf, roomsOf } from "./rooms.ts";
import { dependenciesOf } from "./run.ts";

/** The first turn of an attempt in a new conversation. */
export function firstPromptOf(task: Task, { taskFolder }: Pick<Place, "taskFolder">, ground: Ground): string {
  const { ledger, config } = ground;
  const { prompt, context } = getTaskText(ledger.db, task.id)!;
  const first = firstPrompt({
    prompt,
    context,
    role: task.model.role,
    plan: task.plan,
    folder: taskFolder,
    tools: rowOf(config.last(), task.model.agent).workerTools,
    again: task.attempt > 1 || task.parked !== null,
    before: dependenciesOf(ledger.db, task).map(resultBefore),
    owns: task.owns,
    repositories: repositoriesOf(task, ledger.db),
    answers: answersTo(task, ledger.db),
  });
  const turn = mergeTurn(task, ground);
  return turn === null ? first : `${first}\n\n# Now\n\n${turn}`;
}

/** What an agent that may remember nothing between its turns is told again; null for one that has its own memory. */
export function briefOf(task: Task, place: Pick<Place, "taskFolder">, ground: Ground): string | null {
  const { protocol } = rowOf(ground.config.last(), task.model.agent);
  return protocol === "exec" ? firstPromptOf(task, place, ground) : null;
}

/** The first turn of an attempt that goes on in the agent's own conversation. */
export function nextPromptOf(task: Task, ground: Ground): string {
  return mergeTurn(task, ground) ?? resumePrompt(task.plan, []);
}

/** What people have said to the task's questions; more budget is no word to the worker. */
function answersTo({ id }: Task, db: Db): { question: string; answer: string }[] {
  return listQuestions(db, id).flatMap(({ text, via, status }) =>
    status.state === "answered" && !isAboutBudget({ via }) ? [{ question: text, answer: status.text }] : [],
  );
}

/** What a worker is told that has its merge back; null for one that has not. */
function mergeTurn(task: Task, { ledger }: Ground): string | null {
  const merge = openMergeOf(ledger.db, task.id);
  if (merge?.status.state !== "resolving") return null;
  const { trouble } = merge.status;
  const room = roomsOf(ledger.db, task).find(({ name }) => name === trouble.place);
  const { target } = merge.also.find(({ name }) => name === trouble.place) ?? merge;
  return mergePrompt(trouble, { target, worktree: room?.worktree?.path ?? null });
}

/** Where the worker finds each of several repositories; none for a task that works in its workspace alone. */
function repositoriesOf(task: Task, db: Db): NamedFolder[] {
  if (task.also.length === 0) return [];
  return roomsOf(db, task).map((room) => ({ name: room.name, folder: folderOf(room) }));
}

/** What a task that came before left behind. */
function resultBefore({ slug, title, status }: Task): EarlierResult {
  const { summary, files } = ("result" in status && status.result) || { summary: "", files: [] };
  return { name: slug, title, summary, files };
}
