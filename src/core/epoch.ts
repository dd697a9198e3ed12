import type { Order } from "../protocol/host.ts";
import type { StartFailure, TranscriptEvent } from "../protocol/transcript.ts";
import { withdrawOpenApprovals } from "./approval.ts";
import { fail } from "./end.ts";
import { parkAt } from "./limit.ts";
import { interrupted } from "./message.ts";
import { resumePrompt } from "./prompt.ts";
import {
  type Advance,
  type Facts,
  type Run,
  asksForBudget,
  awaitsTurn,
  endingOf,
  nextEpoch,
  promptOf,
  still,
  stopped,
  withSession,
} from "./run.ts";

/** Times that a dead agent is brought back in one attempt without anyone asking, before the task fails. */
export const MAX_RESUMES = 3;

export function gone(run: Run, event: Extract<TranscriptEvent, { type: "gone" }>, facts: Facts): Advance {
  const over = endingOf(run.task) !== null;
  const left = interrupted(stopped(withdrawOpenApprovals(run, facts), event.reason), { over }, facts);
  const { task, attempt, session } = left;
  if (over || task.parked) return still(left);
  const waits = task.status.state === "input-required" && !awaitsTurn(unsent(left));
  if (session.conversation && (waits || asksForBudget(left))) return still(left);
  const resumes = attempt.resumes + (event.reason === "stopped" ? 0 : 1); // we parked it: no failure of its own
  if (session.conversation && resumes <= MAX_RESUMES)
    return { run: nextEpoch({ ...left, attempt: { ...attempt, resumes } }), orders: resumeOrders(left) };
  const crashed = event.reason === "crashed";
  return fail(
    left,
    {
      reason: crashed ? "agent-error" : "lost",
      message:
        event.message ?? (crashed ? "the agent ended by itself" : "the agent is gone and cannot be resumed"),
      hint: `dispatch retry ${task.slug}`,
    },
    facts,
  );
}

/** An epoch that has no agent and whose host has nothing to say of it: it never started, or the host lost its log. */
export function vanish(run: Run, reason: "stopped" | "lost", facts: Facts): Advance {
  return gone(run, { type: "gone", reason, exitCode: null, killed: 0 }, facts);
}

export function startFailed(
  run: Run,
  event: Extract<TranscriptEvent, { type: "start_failed" }>,
  facts: Facts,
): Advance {
  const { reason, message, limit } = event;
  if (limit && endingOf(run.task) === null) return parkAt(run, { limit, message }, facts);
  const hint = startHint(reason, run);
  if (reason === "resume") {
    const alone = withSession(run, { conversation: null }); // nobody will find it another time
    return fail(alone, { reason: "lost", message, hint }, facts);
  }
  const unusable = reason === "model" ? "model" : "agent";
  return fail(run, { reason: "setup", message, hint, unusable }, facts);
}

/**
 * What a resumed agent is told. Orders that never left the host still come; those that the dead agent may or may not
 * have taken are told again as such, so that nothing is done twice in silence.
 */
function resumeOrders(run: Run): Order[] {
  const waiting = awaitsTurn(unsent(run));
  const uncertain = run.orders.flatMap(({ order, sent }) => (sent ? (promptOf(order) ?? []) : []));
  if (waiting && uncertain.length === 0) return [];
  return [{ type: "prompt", text: resumePrompt(run.task.plan, uncertain) }];
}

/** What has not left the host. */
function unsent({ orders, messages }: Run): Pick<Run, "orders" | "messages"> {
  return { messages, orders: orders.filter(({ sent }) => !sent) };
}

function startHint(reason: StartFailure, run: Run): string {
  switch (reason) {
    case "missing":
    case "login":
      return "dispatch doctor";
    case "model":
      return `dispatch retry ${run.task.slug} --model <name>`;
    case "thinking":
      return `dispatch retry ${run.task.slug} --thinking <level>`;
    case "resume":
      return `dispatch retry ${run.task.slug}`;
    case "protocol":
    case "timeout":
    case "crashed":
      return `dispatch logs ${run.task.slug}`;
  }
}
