import { DispatchError } from "../base/error.ts";
import type { QuestionId } from "../protocol/id.ts";
import type { Question } from "../protocol/question.ts";
import { parseMore, usedOf } from "./budget.ts";
import { fail } from "./end.ts";
import { answerPrompt, resumePrompt } from "./prompt.ts";
import {
  type Advance,
  type Facts,
  type Run,
  endingOf,
  awake,
  isLive,
  isOpen,
  withTask,
  withWaiting,
} from "./run.ts";
import { usedBy } from "./worked.ts";

/** A person answers a question; the answer goes back the way it came, or as the next turn. Once: a second answer is told the first. */
export function answer(run: Run, id: QuestionId, text: string, facts: Facts): Advance {
  const question = run.questions.find((each) => each.id === id);
  if (!question) throw new DispatchError("not_found", `no question ${id}`);
  if (question.status.state === "answered")
    throw new DispatchError("conflict", `already answered: ${question.status.text}`);
  if (question.status.state === "withdrawn")
    throw new DispatchError("conflict", "the question was withdrawn when its run ended");
  const answered = resettle(withQuestion(run, id, { state: "answered", text, at: facts.now }), facts);
  if (question.via === "budget") return extend(answered, text, facts);
  if (question.via === "sweep-budget") throw new Error("a sweep's budget is answered for all of its tasks");
  return {
    run: awake(answered),
    orders: [{ type: "answer", question: id, text, prompt: answerPrompt(question.text, text) }],
  };
}

/** A question as it comes up: `question` is its id. */
type Asking = Pick<Question, "text" | "options" | "via"> & { readonly question: QuestionId };

export function asked(run: Run, event: Asking, facts: Facts): Run {
  if (endingOf(run.task) || run.questions.some((each) => each.id === event.question)) return run;
  const question: Question = {
    id: event.question,
    task: run.task.id,
    session: run.session.id,
    attempt: run.attempt.number,
    text: event.text,
    options: event.options,
    via: event.via,
    status: { state: "open" },
    askedAt: facts.now,
  };
  return resettle({ ...run, questions: [...run.questions, question] }, facts);
}

/** What a person said to a used-up budget: the task goes on with more, or ends. */
function extend(run: Run, text: string, facts: Facts): Advance {
  const { task } = run;
  if (task.budget === null) throw new Error(`${task.id} asks for more of no budget`);
  const used = usedBy(run, facts.now);
  const budget = parseMore(text, { used, budget: task.budget });
  if (budget !== "stop")
    return {
      run: awake(withTask(run, { budget })),
      orders: [{ type: "prompt", text: resumePrompt(task.plan, []) }],
    };
  const message = `it has used ${usedOf(used, task.budget)}`;
  return fail(run, { reason: "budget", message, hint: `dispatch retry ${task.slug} --budget <more>` }, facts);
}

/** What a person said to the used-up budget of a task's sweep: it goes on, or ends with the others. */
export function answerForSweep(
  run: Run,
  id: QuestionId,
  { text, stop }: { text: string; stop: boolean },
  facts: Facts,
): Advance {
  const answered = resettle(withQuestion(run, id, { state: "answered", text, at: facts.now }), facts);
  if (stop) return fail(answered, { reason: "budget", message: "its sweep has used its budget" }, facts);
  return { run: awake(answered), orders: [{ type: "prompt", text: resumePrompt(run.task.plan, []) }] };
}

/** The task's state follows its open questions, and a busy session says what it waits for. */
export function resettle(run: Run, facts: Facts): Run {
  if (!isLive(run.task)) return run;
  const [first, ...rest] = run.questions.filter(isOpen).map((each) => each.id);
  const before = run.task.status;
  const ending = endingOf(run.task);
  const settled = withWaiting(run);
  if (first !== undefined) {
    const since = before.state === "input-required" ? before.since : facts.now;
    return withTask(settled, {
      status: { state: "input-required", since, questions: [first, ...rest], ending },
    });
  }
  if (before.state !== "input-required") return settled;
  return withTask(settled, { status: { state: "working", since: facts.now, ending } });
}

export function withQuestion(run: Run, id: QuestionId, status: Question["status"]): Run {
  return {
    ...run,
    questions: run.questions.map((each) =>
      each.id === id && each.status.state === "open" ? { ...each, status } : each,
    ),
  };
}
