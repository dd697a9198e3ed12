import { DispatchError } from "../base/error.ts";
import { newId } from "../base/id.ts";
import { addSpent, NOTHING_SPENT, parseMore, type Used, usedOf, usedUp } from "../core/budget.ts";
import { answerForSweep } from "../core/question.ts";
import { isOpen, type Run } from "../core/run.ts";
import type { Pool } from "../core/spend.ts";
import { workedMs } from "../core/worked.ts";
import type { Flag } from "../protocol/flag.ts";
import type { SweepId } from "../protocol/id.ts";
import type { Sweep } from "../protocol/sweep.ts";
import type { Spent, Task } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { listAttempts } from "../store/attempt.ts";
import { saveFlag } from "../store/flag.ts";
import { listQuestions } from "../store/question.ts";
import {
  budgetedSweeps,
  countStates,
  getSweep,
  saveSweep,
  spentBySweep,
  tasksOfSweep,
} from "../store/sweep.ts";
import { cancelTasks } from "./cancel.ts";
import type { Tx } from "./commit.ts";
import { advance } from "./run.ts";

/** What a task shares with its sweep, `more` counted; null where that has no budget. */
export function poolOf(db: Db, { sweep: id }: Pick<Task, "sweep">, more: Spent = NOTHING_SPENT): Pool | null {
  const sweep = id && getSweep(db, id);
  if (!sweep || !sweep.budget) return null;
  const used = usedBySweep(db, sweep);
  return { sweep: sweep.slug, budget: sweep.budget, used: { ...used, ...addSpent(used, more) } };
}

/** What the tasks of a sweep have used together; their time only where that is limited. */
function usedBySweep(db: Db, { id, budget }: Sweep): Used {
  const timed = budget?.timeMs === undefined ? [] : tasksOfSweep(db, id);
  const attempts = timed.flatMap((task) => listAttempts(db, task.id));
  return { ...spentBySweep(db, id), timeMs: workedMs(attempts, Date.now()) };
}

/** Sweeps whose waiting tasks do not start: their budget is used up. */
export function exhaustedSweeps(db: Db): Set<SweepId> {
  const exhausted = budgetedSweeps(db).filter((sweep) => usedUp(usedBySweep(db, sweep), sweep.budget));
  return new Set(exhausted.map(({ id }) => id));
}

/** Says once that what waits in a sweep does not start: the last running task may end before it asks anybody. */
export function flagExhausted(tx: Tx, { task }: Run, pool: Pool, more: Spent): void {
  const { dollars, tokens } = pool.used;
  const before = { ...pool.used, dollars: dollars - more.dollars, tokens: tokens - more.tokens };
  if (usedUp(before, pool.budget) || !usedUp(pool.used, pool.budget)) return;
  if ((countStates(tx.db, task.sweep!)["submitted"] ?? 0) > 0) flagStopped(tx, task, pool);
}

/** Says that what waits in a sweep does not start, at a task of it that had an agent. */
export function flagStopped(tx: Tx, { id, session }: Task, pool: Pool): void {
  const flag: Flag = {
    id: newId("flg"),
    task: id,
    session: session!,
    text: `The sweep ${pool.sweep} has used ${usedOf(pool.used, pool.budget)}: nothing more of it starts. dispatch sweeps budget ${pool.sweep} <more>`,
    raisedAt: Date.now(),
    seenAt: null,
  };
  saveFlag(tx.db, flag);
  tx.announce({ type: "flag", flag });
}

/**
 * What a person says to the budget of a sweep, for all of its tasks: those that asked go on, or end; after `stop` those
 * that wait are cancelled.
 * @returns the sweep as it is now, and the tasks whose hosts are to be told
 * @throws DispatchError `invalid` for a text that is no amount, `conflict` for a sweep without a budget
 */
export function answerSweep(tx: Tx, sweep: Sweep, text: string): { sweep: Sweep; tasks: Task[] } {
  if (sweep.budget === null)
    throw new DispatchError("conflict", `${sweep.slug} has no budget`, {
      hint: `dispatch status ${sweep.slug}`,
    });
  const more = parseMore(text, { used: usedBySweep(tx.db, sweep), budget: sweep.budget });
  const stop = more === "stop";
  const after = stop ? sweep : { ...sweep, budget: more };
  if (!stop) saveSweep(tx.db, after);
  const all = tasksOfSweep(tx.db, sweep.id);
  const asking = all.filter((task) => settle(tx, task, { text, stop }));
  const waiting = stop ? all.filter(({ status }) => status.state === "submitted") : [];
  return { sweep: after, tasks: [...asking, ...cancelTasks(tx, waiting)] };
}

/** False for a task that has not asked. */
function settle(tx: Tx, { id }: Task, said: { text: string; stop: boolean }): boolean {
  const question = listQuestions(tx.db, id).find((each) => each.via === "sweep-budget" && isOpen(each));
  if (question) advance(tx, id, (run, facts) => answerForSweep(run, question.id, said, facts));
  return question !== undefined;
}
