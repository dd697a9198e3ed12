import type { Flag } from "../protocol/flag.ts";
import { formatDuration } from "./duration.ts";
import { fail } from "./end.ts";
import { stallPrompt } from "./prompt.ts";
import { type Advance, type Facts, type Run, CANCEL_GRACE_MS, endingOf, still, stopping } from "./run.ts";

/**
 * A worker gives no sign of life: first its turn is ended and it is told so, then its agent is started anew in its own
 * conversation, then its attempt fails and a person is told. A turn that it ends by itself makes good for all before.
 */
export function stalled(run: Run, silentMs: number, facts: Facts): Advance {
  const { task, attempt, session } = run;
  const isAtWork = session.status.state === "busy" && session.status.waiting === null;
  if (task.status.state !== "working" || endingOf(task) || !isAtWork) return still(run);
  const counted = { ...run, attempt: { ...attempt, stalls: attempt.stalls + 1 } };
  if (attempt.stalls === 0) return reminded(counted, silentMs);
  if (attempt.stalls === 1 && session.conversation !== null) return stopping(counted, "idle"); // `gone` brings it back
  const message = `stalled: no sign of life for ${formatDuration(silentMs)}`;
  return fail(
    flagged(counted, `${message}, though it was reminded`, facts),
    { reason: "timeout", message, hint: `dispatch resume ${task.slug}` },
    facts,
  );
}

function reminded(run: Run, silentMs: number): Advance {
  const text = stallPrompt(formatDuration(silentMs));
  return {
    run,
    orders: [
      { type: "interrupt", graceMs: CANCEL_GRACE_MS },
      { type: "prompt", text },
    ],
  };
}

function flagged(run: Run, text: string, facts: Facts): Run {
  const flag: Flag = {
    id: facts.flag,
    task: run.task.id,
    session: run.session.id,
    text,
    raisedAt: facts.now,
    seenAt: null,
  };
  return { ...run, flags: [...run.flags, flag] };
}
