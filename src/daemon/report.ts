import { addSpent, NOTHING_SPENT } from "../core/budget.ts";
import { hasUnmerged } from "../core/place.ts";
import { workedMs } from "../core/worked.ts";
import type { Attention } from "../protocol/attention.ts";
import type { FileChange } from "../protocol/change.ts";
import type { Report, TaskStanding } from "../protocol/sweep.ts";
import type { Task } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { listOpenApprovals } from "../store/approval.ts";
import { listAttempts } from "../store/attempt.ts";
import { listOpenFlags } from "../store/flag.ts";
import { listHeldMessages } from "../store/message.ts";
import { listOpenQuestions } from "../store/question.ts";
import { waitingTerminals } from "../store/session.ts";
import { listBlockers } from "../store/sweep.ts";
import { changesOf } from "./place.ts";

/** Everything that waits for a human. */
export function attentionOf(db: Db): Attention {
  return {
    questions: listOpenQuestions(db),
    approvals: listOpenApprovals(db),
    flags: listOpenFlags(db),
    messages: listHeldMessages(db),
    terminals: waitingTerminals(db),
    blockers: listBlockers(db),
  };
}

/** What happened to tasks. @param options.changes counts the lines that each changed, by asking git */
export async function reportOf(
  db: Db,
  tasks: readonly Task[],
  { changes }: { changes: boolean },
): Promise<Report> {
  const standings: TaskStanding[] = [];
  for (const task of tasks) standings.push(await standingOf(db, task, changes));
  const ids = new Set<string>(tasks.map(({ id }) => id));
  const all = attentionOf(db);
  const isOurs = ({ task }: { task: string | null }) => task !== null && ids.has(task);
  return {
    tasks: standings,
    spent: tasks.map(({ spent }) => spent).reduce(addSpent, NOTHING_SPENT),
    workedMs: standings.reduce((sum, each) => sum + each.workedMs, 0),
    toMerge: tasks.filter(isMergeable).map(({ id }) => id),
    attention: {
      questions: all.questions.filter(isOurs),
      approvals: all.approvals.filter(isOurs),
      flags: all.flags.filter(isOurs),
      messages: all.messages.filter(isOurs),
      terminals: all.terminals.filter(isOurs),
      blockers: all.blockers.filter(isOurs),
    },
  };
}

async function standingOf(db: Db, task: Task, changes: boolean): Promise<TaskStanding> {
  const worked = workedMs(listAttempts(db, task.id), Date.now());
  return { task, workedMs: worked, changes: changes ? await readableChanges(db, task) : null };
}

/** Null where there is nothing to compare with, or a person took the folder away. */
async function readableChanges(db: Db, task: Task): Promise<FileChange[] | null> {
  try {
    return await changesOf(db, task);
  } catch {
    return null; // one folder that cannot be read must not keep the others from being shown
  }
}

function isMergeable(task: Task): boolean {
  const { status } = task;
  return status.state === "completed" && status.result.files.length > 0 && hasUnmerged(task);
}
