import type { QuestionId } from "../protocol/id.ts";
import type { Attempt } from "../protocol/task.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { end, fail } from "./end.ts";
import { parkAt } from "./limit.ts";
import { blockedItems, errorItems, openItems } from "./plan.ts";
import { nudgePrompt } from "./prompt.ts";
import { asked, resettle, withQuestion } from "./question.ts";
import {
  type Advance,
  type Facts,
  type Run,
  asksForBudget,
  awaitsTurn,
  endingOf,
  isAboutBudget,
  isDone,
  isOpen,
  still,
  withTask,
} from "./run.ts";

/** Reminders that items are open, before an attempt fails as `incomplete`. */
export const MAX_NUDGES = 2;

export function turnEnded(
  before: Run,
  event: Extract<TranscriptEvent, { type: "turn_ended" }>,
  facts: Facts,
): Advance {
  const run = event.end === "end_turn" ? { ...before, attempt: { ...before.attempt, stalls: 0 } } : before;
  if (event.end === "end_turn" && isBudgetAllThatIsLeft(run)) return judgeTurn(run, event.said, facts);
  if (goesOn(run)) return still(run);
  switch (event.end) {
    case "login": {
      const message = event.message ?? "the agent is not logged in";
      return fail(run, { reason: "setup", message, hint: "dispatch doctor", unusable: "agent" }, facts);
    }
    case "model": {
      const message = event.message ?? "the agent does not know the model";
      const hint = `dispatch retry ${run.task.slug} --model <name>`;
      return fail(run, { reason: "setup", message, hint, unusable: "model" }, facts);
    }
    case "error": {
      const message = event.message ?? "the agent failed";
      if (event.limit) return parkAt(run, { limit: event.limit, message }, facts);
      return fail(run, { reason: "agent-error", message }, facts);
    }
    case "refusal":
      return fail(
        run,
        { reason: "agent-error", message: event.message ?? "the model refused the task" },
        facts,
      );
    case "end_turn":
    case "max_tokens":
    case "max_turn_requests":
    case "cancelled":
      return judgeTurn(run, event.said, facts);
  }
}

/** The worker takes its question back. One that had ended its turn on it waits for nothing any more. */
export function questionWithdrawn(run: Run, question: QuestionId, facts: Facts): Advance {
  const settled = resettle(withQuestion(run, question, { state: "withdrawn", at: facts.now }), facts);
  const idle = settled.session.status.state === "ready" && !goesOn(settled);
  return idle ? judgeTurn(settled, "", facts) : still(settled);
}

/** A worker's own "done" is remembered until its turn ends. Logged before a cancel reached the host, it wins. */
export function finished(run: Run, result: NonNullable<Attempt["finish"]>, facts: Facts): Advance {
  const told = { ...run, attempt: { ...run.attempt, finish: result } };
  const ending = endingOf(run.task);
  if (ending?.state !== "canceled" || !isDone(run)) return still(told);
  return still(
    withTask(told, {
      status: { state: "working", since: facts.now, ending: { state: "completed", result } },
    }),
  );
}

/** True while something is bound to move a run whose agent has ended its turn: its end, a person, or its next turn. */
function goesOn(run: Run): boolean {
  return endingOf(run.task) !== null || run.task.status.state === "input-required" || awaitsTurn(run);
}

/** The report that used up the budget was the last one: the work is done, so that nothing more is to be asked. */
function isBudgetAllThatIsLeft(run: Run): boolean {
  const others = run.questions.some((each) => !isAboutBudget(each) && isOpen(each));
  const { plan } = run.task;
  const undone = blockedItems(plan).length + errorItems(plan).length + openItems(plan).length > 0;
  return asksForBudget(run) && !others && !undone && endingOf(run.task) === null;
}

/** What a turn came to, by the plan: a question, a reminder, or the outcome. `said` is the summary where none was given. */
function judgeTurn(run: Run, said: string, facts: Facts): Advance {
  const { task, attempt } = run;
  const result = attempt.finish ?? { summary: said, files: [] };
  const blocked = blockedItems(task.plan);
  if (blocked.length > 0) {
    const text = blocked.map((item) => [item.text, ...item.notes].join("\n")).join("\n\n");
    return still(asked(run, { question: facts.question, text, options: [], via: "plan" }, facts));
  }
  const broken = errorItems(task.plan);
  if (broken.length > 0) {
    const message = broken.map((item) => [item.text, ...item.notes].join(": ")).join("; ");
    return end(run, { state: "failed", reason: "agent-error", message, result }, facts);
  }
  const left = openItems(task.plan);
  if (left.length > 0 && attempt.nudges < MAX_NUDGES)
    return {
      run: { ...run, attempt: { ...attempt, nudges: attempt.nudges + 1 } },
      orders: [{ type: "prompt", text: nudgePrompt(left) }],
    };
  const missing = left.filter((item) => item.given);
  if (missing.length > 0) {
    const message = `${missing.length} of ${task.plan.items.length} items are still open, first: ${missing[0]!.text}`;
    return end(
      run,
      { state: "failed", reason: "incomplete", message, hint: `dispatch retry ${task.slug}`, result },
      facts,
    );
  }
  return end(run, { state: "completed", result }, facts);
}
