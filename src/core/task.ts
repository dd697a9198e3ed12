import { DispatchError } from "../base/error.ts";
import type { Message } from "../protocol/message.ts";
import type { Plan } from "../protocol/plan.ts";
import type { Attempt, Budget, ModelChoice, Outcome, Task } from "../protocol/task.ts";
import type { Thinking } from "../protocol/thinking.ts";
import { NOTHING_SPENT } from "./budget.ts";
import { accept, release, tellNext } from "./message.ts";
import { notePrompt } from "./prompt.ts";
import {
  type Advance,
  type Facts,
  type Run,
  awake,
  endingOf,
  isEnded,
  isLive,
  nextEpoch,
  still,
  withTask,
} from "./run.ts";

/** Starts an attempt: its session gets its first epoch and its first prompt. */
export function begin(run: Run, prompt: string, facts: Facts): Advance {
  const started = withTask(run, { status: { state: "working", since: facts.now, ending: null } });
  const attempt = { ...run.attempt, session: run.session.id, startedAt: facts.now };
  return { run: nextEpoch({ ...started, attempt }), orders: [{ type: "prompt", text: prompt }] };
}

/** Ends an attempt that never had an agent: its setup failed, or it was cancelled in the queue. */
export function neverStarted(
  task: Task,
  attempt: Attempt,
  outcome: Outcome,
  now: number,
): Pick<Run, "task" | "attempt"> {
  return {
    task: { ...task, status: { ...outcome, since: now } },
    attempt: { ...attempt, endedAt: now, outcome },
  };
}

/** What the next attempt is to be. */
interface NextAttempt {
  resume: boolean;
  model: ModelChoice;
  thinking: Thinking | null;
  plan: Plan;
  budget: Budget | null;
}

/**
 * The next attempt of a task that has ended: it waits for a worker again. `plan` is the one it starts with.
 * With `resume` it goes on in the session of the last one, in the agent's own conversation.
 * @throws DispatchError `conflict` while the last attempt is not told as ended
 */
export function again(
  task: Task,
  { resume, model, thinking, plan, budget }: NextAttempt,
  now: number,
): Pick<Run, "task" | "attempt"> {
  if (!isEnded(task))
    throw new DispatchError("conflict", `${task.slug} has not ended`, {
      hint: `dispatch status ${task.slug}`,
    });
  const number = task.attempt + 1;
  return {
    task: {
      ...task,
      model,
      thinking,
      plan,
      budget,
      attempt: number,
      session: resume ? task.session : null,
      status: { state: "submitted", since: now },
    },
    attempt: newAttempt(model, now, number),
  };
}

/** An attempt that has not begun. */
export function newAttempt(model: ModelChoice, now: number, number = 1): Attempt {
  return {
    number,
    session: null,
    model,
    nudges: 0,
    resumes: 0,
    stalls: 0,
    waitedMs: 0,
    waitingSince: null,
    parks: 0,
    lastPark: null,
    finish: null,
    spent: NOTHING_SPENT,
    startedAt: now,
    endedAt: null,
    outcome: null,
  };
}

/** Tells a live worker something; one that was let go is brought back for it. */
export function note(run: Run, text: string): Advance {
  mustRun(run.task);
  return { run: awake(run), orders: [{ type: "note", text, prompt: notePrompt(text) }] };
}

/** A message to a task's session is a turn of its worker; one that was let go is brought back for it. */
export function toldTask(run: Run, message: Message): Advance {
  mustRun(run.task);
  return tellNext(still(awake(accept(run, message))));
}

/** A person releases a held message to a task's session. */
export function releasedTask(run: Run, message: Message): Advance {
  mustRun(run.task);
  return tellNext(still(awake(release(run, message))));
}

function mustRun(task: Task): void {
  if (isLive(task) && !endingOf(task)) return;
  throw new DispatchError("conflict", `${task.slug} is not running`, { hint: `dispatch retry ${task.slug}` });
}
