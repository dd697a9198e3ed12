import { addSpent, NOTHING_SPENT } from "../core/budget.ts";
import { isSettled } from "../core/merge.ts";
import { hasUnmerged } from "../core/place.ts";
import { isFailing } from "../core/schedule.ts";
import { isOnOffer } from "../core/sweep.ts";
import type { Attention } from "../protocol/attention.ts";
import type { FileChange } from "../protocol/change.ts";
import type { Config } from "../protocol/config.ts";
import type { Report, Sweep, TaskStanding } from "../protocol/sweep.ts";
import type { Task } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { listOpenApprovals } from "../store/approval.ts";
import { listOpenFlags } from "../store/flag.ts";
import { listHeldMessages } from "../store/message.ts";
import { listOpenQuestions } from "../store/question.ts";
import { listSchedules } from "../store/schedule.ts";
import { waitingTerminals } from "../store/session.ts";
import { getSweep, listBlockers } from "../store/sweep.ts";
import { isGated, mergeSinceEnd } from "./mergeable.ts";
import { changesOf } from "./place.ts";
import { workedBy } from "./tree.ts";

/** Everything that waits for a human. */
export function attentionOf(db: Db): Attention {
  return {
    questions: listOpenQuestions(db),
    approvals: listOpenApprovals(db),
    flags: listOpenFlags(db),
    messages: listHeldMessages(db),
    terminals: waitingTerminals(db),
    blockers: listBlockers(db),
    schedules: listSchedules(db).filter(isFailing),
  };
}

/**
 * What happened to tasks.
 * @param options.changes counts the lines that each changed, by asking git
 * @param options.config says where merges pass a gate
 */
export async function reportOf(
  db: Db,
  tasks: readonly Task[],
  { changes, config }: { changes: boolean; config: Config },
): Promise<Report> {
  const standings: TaskStanding[] = [];
  for (const task of tasks) standings.push(await standingOf(db, task, changes));
  const ids = new Set<string>(tasks.map(({ id }) => id));
  const sweeps = sweepsOf(db, tasks);
  const all = attentionOf(db);
  const isOurs = ({ task }: { task: string | null }) => task !== null && ids.has(task);
  return {
    tasks: standings,
    sweeps: [...sweeps.values()],
    spent: tasks.map(({ spent }) => spent).reduce(addSpent, NOTHING_SPENT),
    workedMs: standings.reduce((sum, each) => sum + each.workedMs, 0),
    toMerge: standings
      .filter((standing) => isToMerge(standing, sweeps))
      .map(({ task }) => ({ task: task.id, gated: isGated(db, task, config) })),
    attention: {
      questions: all.questions.filter(isOurs),
      approvals: all.approvals.filter(isOurs),
      flags: all.flags.filter(isOurs),
      messages: all.messages.filter(isOurs),
      terminals: all.terminals.filter(isOurs),
      blockers: all.blockers.filter(isOurs),
      schedules: [],
    },
  };
}

/** The sweeps that tasks are of, by their ids. */
function sweepsOf(db: Db, tasks: readonly Task[]): Map<string, Sweep> {
  const ids = new Set(tasks.flatMap(({ sweep }) => sweep ?? []));
  return new Map([...ids].map((id) => [id, getSweep(db, id)!]));
}

async function standingOf(db: Db, task: Task, changes: boolean): Promise<TaskStanding> {
  return {
    task,
    workedMs: workedBy(db, task),
    changes: changes ? await readableChanges(db, task) : null,
    merge: mergeSinceEnd(db, task),
  };
}

/** Null where there is nothing to compare with, or a person took the folder away. */
async function readableChanges(db: Db, task: Task): Promise<FileChange[] | null> {
  try {
    return await changesOf(db, task);
  } catch {
    return null; // one folder that cannot be read must not keep the others from being shown
  }
}

/** What the queue has, or that of a rival in whose place another was taken, waits for nobody. */
function isToMerge({ task, merge }: TaskStanding, sweeps: ReadonlyMap<string, Sweep>): boolean {
  const { id, status } = task;
  if (status.state !== "completed" || status.result.files.length === 0 || !hasUnmerged(task)) return false;
  if (merge !== null && !isSettled(merge)) return false;
  return task.sweep === null || isOnOffer(id, sweeps.get(task.sweep)!);
}
