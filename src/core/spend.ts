import type { Spent } from "../protocol/task.ts";
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

/**
 * Counts what the agent has used. Where that is the budget, or more, a person is asked for more: the agent is let go
 * until then, or only held where it could not be brought back. How soon this is seen is up to the agent's reports.
 */
export function spend(run: Run, spent: Spent, facts: Facts): Advance {
  const counted = {
    ...run,
    task: { ...run.task, spent: addSpent(run.task.spent, spent) },
    attempt: { ...run.attempt, spent: addSpent(run.attempt.spent, spent) },
  };
  const { task } = counted;
  if (!task.budget || !usedUp(task.spent, task.budget)) return still(counted);
  if (!isLive(task) || endingOf(task) || asksForBudget(counted)) return still(counted);
  const text = `It has used ${spentOf(task.spent, task.budget)}. How much more?`;
  const question = { question: facts.question, text, options: ["+50%", "no limit", "stop"] };
  return halt(asked(counted, { ...question, via: "budget" }, facts));
}

function halt(run: Run): Advance {
  if (run.session.status.state === "stopping") return still(run);
  if (run.session.conversation === null)
    return { run, orders: [{ type: "interrupt", graceMs: CANCEL_GRACE_MS }] };
  return stopping(run, "idle");
}
