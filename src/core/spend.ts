import type { Question } from "../protocol/question.ts";
import type { Budget, Spent } from "../protocol/task.ts";
import { type Used, addSpent, usedOf, usedUp } from "./budget.ts";
import { asked } from "./question.ts";
import {
  type Advance,
  CANCEL_GRACE_MS,
  type Facts,
  type Run,
  asksForBudget,
  endingOf,
  isLive,
  still,
  stopping,
} from "./run.ts";
import { usedBy } from "./worked.ts";

/** The budget that a task shares with the others of its sweep, and what they have used together so far. */
export interface Pool {
  readonly sweep: string;
  readonly budget: Budget;
  readonly used: Used;
}

/** A moment, and the budget that a task shares then; null: none. */
interface Reckoning {
  readonly facts: Facts;
  readonly pool: Pool | null;
}

/**
 * Counts what the agent reports to have used, and has a person asked where that was the last of a budget. How soon this
 * is seen is up to the agent's reports.
 * @param reckoning.pool with this report counted
 */
export function spend(run: Run, spent: Spent, reckoning: Reckoning): Advance {
  const counted = {
    ...run,
    task: { ...run.task, spent: addSpent(run.task.spent, spent) },
    attempt: { ...run.attempt, spent: addSpent(run.attempt.spent, spent) },
  };
  return checkBudget(counted, reckoning);
}

/**
 * Where a task, or its sweep, has used up its budget a person is asked for more: the agent is let go until then, or only
 * held where it could not be brought back. One that starts can be neither: it is looked at again when it is up.
 */
export function checkBudget(run: Run, { facts, pool }: Reckoning): Advance {
  const { task, session } = run;
  if (!isLive(task) || endingOf(task) || asksForBudget(run)) return still(run);
  if (session.status.state === "starting") return still(run);
  const used = usedBy(run, facts.now);
  if (task.budget && usedUp(used, task.budget))
    return askForMore(run, { via: "budget", text: `It has used ${usedOf(used, task.budget)}.` }, facts);
  if (pool && usedUp(pool.used, pool.budget)) {
    const text = `The sweep ${pool.sweep} has used ${usedOf(pool.used, pool.budget)}.`;
    return askForMore(run, { via: "sweep-budget", text }, facts);
  }
  return still(run);
}

function askForMore(run: Run, { via, text }: Pick<Question, "via" | "text">, facts: Facts): Advance {
  const options = ["+50%", "no limit", "stop"];
  return halt(asked(run, { question: facts.question, via, text: `${text} How much more?`, options }, facts));
}

function halt(run: Run): Advance {
  if (run.session.status.state === "stopping") return still(run);
  if (run.session.conversation === null)
    return { run, orders: [{ type: "interrupt", graceMs: CANCEL_GRACE_MS }] };
  return stopping(run, "idle");
}
