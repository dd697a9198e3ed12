import type { Flag } from "../protocol/flag.ts";
import type { TranscriptEvent, TranscriptRecord } from "../protocol/transcript.ts";
import { type Seen, applied, gated, withApproval } from "./approval.ts";
import { gone, startFailed } from "./epoch.ts";
import { commanded, taken, tellNext } from "./message.ts";
import { asked } from "./question.ts";
import {
  type Advance,
  type Facts,
  type Run,
  atTerminal,
  hasAgent,
  opened,
  still,
  withActivity,
  withTask,
} from "./run.ts";
import { finished, questionWithdrawn, turnEnded } from "./turn.ts";

/** Beyond this a worker's flags stand in its transcript alone, so that they do not bury what waits for a person. */
export const MAX_FLAGS = 100;

/** Applies one control event of the session's log to its task. Events of an epoch that is over change nothing. */
export function observe(run: Run, record: TranscriptRecord, facts: Seen): Advance {
  if (record.epoch !== run.session.epoch || !hasAgent(run.session)) return still(run);
  return tellNext(judged(run, record.event, facts));
}

function judged(run: Run, event: TranscriptEvent, facts: Seen): Advance {
  switch (event.type) {
    case "conversation":
      return still(opened(run, event));
    case "turn_started":
    case "turn_typed":
      return still(withActivity(run, { state: "busy", waiting: null }));
    case "prompt_taken":
      return still(taken(run, event, facts));
    case "dialogue":
    case "dialogue_ended":
      return still(atTerminal(run, event, facts));
    case "turn_ended":
      return turnEnded(withActivity(run, { state: "ready" }), event, facts);
    case "plan":
      return still(withTask(run, { plan: event.plan }));
    case "finish":
      return finished(run, { summary: event.summary, files: event.files }, facts);
    case "question":
      return still(asked(run, event, facts));
    case "question_withdrawn":
      return questionWithdrawn(run, event.question, facts);
    case "flag":
      return still(flagged(run, event, facts));
    case "approval":
      return gated(run, event, facts);
    case "approval_applied":
      return still(applied(run, event.approval, facts));
    case "approval_withdrawn":
      return still(withApproval(run, event.approval, { state: "withdrawn", at: facts.now }));
    case "start_failed":
      return startFailed(run, event, facts);
    case "gone":
      return gone(run, event, facts);
    case "command":
      return still(commanded(run, event, facts));
    case "started":
    case "notice":
    case "text":
    case "thought":
    case "tool":
    case "todos":
    case "usage":
      return still(run);
  }
}

function flagged(run: Run, event: Extract<TranscriptEvent, { type: "flag" }>, facts: Facts): Run {
  if (run.flags.length >= MAX_FLAGS || run.flags.some((each) => each.id === event.flag)) return run;
  const flag: Flag = {
    id: event.flag,
    task: run.task.id,
    session: run.session.id,
    text: event.text,
    raisedAt: facts.now,
    seenAt: null,
  };
  return { ...run, flags: [...run.flags, flag] };
}
