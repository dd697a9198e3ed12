import type { Question } from "../protocol/question.ts";
import type { Budget, Spent } from "../protocol/task.ts";
import { addSpent, spentOf, usedUp } from "./budget.ts";
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

/** The budget that a task shares with the others of its sweep, and what they have used together so far. */
export interface Pool {
  readonly sweep: string;
  readonly budget: Budget;
  readonly spent: Spent;
}

/**
 * Counts what the agent has used. Where that is the budget, or more, of the task or of its sweep, a person is asked for
 * more: the agent is let go until then, or only held where it could not be brought back. How soon this is seen is up
 * to the agent's reports.
 * @param pool with this report counted; null: the task shares no budget
 */
export function spend(run: Run, spent: Spent, { facts, pool }: { facts: Facts; pool: Pool | null }): Advance {
  const counted = {
    ...run,
    task: { ...run.task, spent: addSpent(run.task.spent, spent) },
    attempt: { ...run.attempt, spent: addSpent(run.attempt.spent, spent) },
  };
  const { task } = counted;
  if (!isLive(task) || endingOf(task) || asksForBudget(counted)) return still(counted);
  if (task.budget && usedUp(task.spent, task.budget))
    return askForMore(
      counted,
      { via: "budget", text: `It has used ${spentOf(task.spent, task.budget)}.` },
      facts,
    );
  if (pool && usedUp(pool.spent, pool.budget)) {
    const text = `The sweep ${pool.sweep} has used ${spentOf(pool.spent, pool.budget)}.`;
    return askForMore(counted, { via: "sweep-budget", text }, facts);
  }
  return still(counted);
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
