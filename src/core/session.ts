import { DispatchError } from "../base/error.ts";
import { quote } from "./quote.ts";
import type { Message } from "../protocol/message.ts";
import type { Session } from "../protocol/session.ts";
import type { TranscriptEvent, TranscriptRecord } from "../protocol/transcript.ts";
import { type Seen, applied, gated, withApproval, withdrawOpenApprovals } from "./approval.ts";
import { isOutside, releaseOutside, tellOutside } from "./outside.ts";
import {
  accept,
  commanded,
  interrupted,
  refuseWaiting,
  release,
  taken,
  tellNext,
  turnOver,
} from "./message.ts";
import {
  type Advance,
  CANCEL_GRACE_MS,
  type Facts,
  type Talk,
  atTerminal,
  awaitsTurn,
  awake,
  becomesTurn,
  hasAgent,
  isWaiting,
  nextEpoch,
  opened,
  still,
  stopped,
  stopping,
  withActivity,
  withSession,
} from "./run.ts";

const CANNOT_GO_ON = "its agent is gone, and cannot go on in its conversation";

type EventOf<Type extends TranscriptEvent["type"]> = Extract<TranscriptEvent, { type: Type }>;

/** Times that a dead agent is brought back for what waits, without anyone asking and without a turn that ended. */
export const MAX_REVIVALS = 3;

/** Applies one control event of the log of a session without a task. Events of an epoch that is over change nothing. */
export function observeSession(talk: Talk, record: TranscriptRecord, facts: Seen): Advance<Talk> {
  if (record.epoch !== talk.session.epoch || !hasAgent(talk.session)) return still(talk);
  return tellNext(renewed(judged(talk, record.event, facts)));
}

function judged(talk: Talk, event: TranscriptEvent, facts: Seen): Advance<Talk> {
  switch (event.type) {
    case "conversation":
      return still(opened(talk, event));
    case "command":
      return still(commanded(talk, event, facts));
    case "turn_started":
    case "turn_typed":
      return still(withActivity(talk, { state: "busy", waiting: null }));
    case "prompt_taken":
      return still(taken(talk, event, facts));
    case "dialogue":
    case "dialogue_ended":
      return still(atTerminal(talk, event, facts));
    case "turn_ended":
      return still(withActivity(withSession(turnOver(talk, facts.now), { revivals: 0 }), { state: "ready" }));
    case "approval":
      return gated(talk, event, facts);
    case "approval_applied":
      return still(applied(talk, event.approval, facts));
    case "approval_withdrawn":
      return still(withApproval(talk, event.approval, { state: "withdrawn", at: facts.now }));
    case "start_failed":
      return still(failed(talk, event.message));
    case "gone":
      return goneAlone(talk, event, facts);
    case "started":
    case "notice":
    case "text":
    case "thought":
    case "tool":
    case "todos":
    case "usage":
    case "plan":
    case "finish":
    case "question":
    case "question_withdrawn":
    case "flag":
      return still(talk); // the second half is a task's
  }
}

/** A message comes: it is told now or in its turn, and an agent that was let go, or died, is brought back for it. */
export function tell(talk: Talk, message: Message): Advance<Talk> {
  if (isOutside(talk.session)) return tellOutside(talk, message);
  mustGoOn(talk);
  return tellNext(still(awake(accept(talk, message))));
}

/** A person releases a held message. */
export function tellHeld(talk: Talk, message: Message): Advance<Talk> {
  if (isOutside(talk.session)) return releaseOutside(talk, message);
  mustGoOn(talk);
  return tellNext(still(awake(release(talk, message))));
}

/** Starts the agent where none runs; what waits is told. */
export function resume(talk: Talk): Advance<Talk> {
  mustGoOn(talk);
  return tellNext(still(awake(talk)));
}

/** The same for one that was lost, where it can be brought back. */
export function resumeLost(talk: Talk): Advance<Talk> {
  return canGoOn(talk) ? resume(talk) : still(talk);
}

/** Ends the agent because somebody asks. What waits goes on waiting, until the next message or `resume`. */
export function stop(talk: Talk): Advance<Talk> {
  const { status } = talk.session;
  if (status.state === "stopping")
    return still(withSession(talk, { status: { state: "stopping", why: "asked", again: false } }));
  return hasAgent(talk.session) ? stopping(talk, "asked") : still(talk);
}

/** Has the agent end its turn, and go on with what waits. One that is deaf to that is ended. */
export function interrupt(talk: Talk): Advance<Talk> {
  if (talk.session.status.state !== "busy") return still(talk);
  return { run: talk, orders: [{ type: "interrupt", graceMs: CANCEL_GRACE_MS }] };
}

/** Another model or level of thinking: an agent that lives is started anew before its next turn. */
export function change(
  talk: Talk,
  wanted: Partial<Pick<Session, "name" | "model" | "thinking">>,
): Advance<Talk> {
  return renewed(still(withSession(talk, { ...wanted, stale: hasAgent(talk.session) })));
}

/** Lets go of an agent that has nothing to do and can be brought back in its own conversation; in a terminal somebody may sit. */
export function letGo(talk: Talk): Advance<Talk> {
  const { status, conversation } = talk.session;
  if (status.state !== "ready" || conversation === null || awaitsTurn(talk)) return still(talk);
  return isTerminal(talk.session) ? still(talk) : stopping(talk, "idle");
}

/** Why nothing is told any more in a session that was forgotten. */
export const DELETED = "the session was deleted";

/** Forgets a session. @throws DispatchError `conflict` while it has an agent */
export function forget(talk: Talk, facts: Facts): Advance<Talk> {
  if (hasAgent(talk.session))
    throw new DispatchError("conflict", "the session still has an agent", {
      hint: `dispatch stop ${talk.session.id}`,
    });
  const refused = refuseWaiting(talk, DELETED);
  return still(withSession(refused, { deletedAt: facts.now }));
}

/** An epoch that has no agent and whose host has nothing to say of it. */
export function vanishAlone(talk: Talk, reason: "stopped" | "lost", facts: Facts): Advance<Talk> {
  return tellNext(goneAlone(talk, { type: "gone", reason, exitCode: null, killed: 0 }, facts));
}

/** The agent cannot be started or spoken to. What waits goes on waiting: the fault may be mended. */
export function failed(talk: Talk, message: string): Talk {
  return withSession(talk, { status: { state: "error", message } });
}

/** A dead agent is brought back in its own conversation, but only when there is something to tell it. */
function goneAlone(talk: Talk, event: EventOf<"gone">, facts: Facts): Advance<Talk> {
  const { status } = talk.session;
  const left = interrupted(withdrawOpenApprovals(talk, facts), { over: false }, facts);
  if (!canGoOn(left)) return still(ended(refuseWaiting(left, CANNOT_GO_ON), event));
  if (status.state === "stopping") return still(status.again ? nextEpoch(left) : stopped(left, event.reason));
  const revivals = left.session.revivals + 1;
  const comesBack = awaitsTelling(left) && revivals <= MAX_REVIVALS;
  return still(comesBack ? nextEpoch(withSession(left, { revivals })) : ended(left, event));
}

/**
 * An agent that ended by itself is at fault; one that was stopped, or lost with its host, is not, and in a terminal it
 * ends when the person there is done.
 */
function ended(talk: Talk, { reason, message, exitCode }: EventOf<"gone">): Talk {
  const { status } = talk.session;
  const wasLeft = isTerminal(talk.session) && exitCode === 0;
  if (wasLeft && status.state !== "stopping") return stopped(talk, "stopped");
  const isFault = reason === "crashed" && status.state !== "stopping";
  return isFault ? failed(talk, message ?? "the agent ended by itself") : stopped(talk, reason);
}

/** Ends an agent that is stale between two turns; it is back at once where something waits. */
function renewed(advance: Advance<Talk>): Advance<Talk> {
  const { run, orders } = advance;
  const { stale, status, conversation } = run.session;
  const isUnderway = [...run.orders.map(({ order }) => order), ...orders].some(becomesTurn);
  if (!stale || status.state !== "ready" || conversation === null || isUnderway) return advance;
  const ended = stopping(run, "idle");
  const next = run.messages.some(isWaiting) ? awake(ended.run) : ended.run;
  return { run: next, orders: [...orders, ...ended.orders] };
}

/** True where something waits that the dead agent has not got. */
function awaitsTelling({ orders, messages }: Talk): boolean {
  return messages.some(isWaiting) || orders.some(({ order, sent }) => !sent && becomesTurn(order));
}

/**
 * True where a new agent knows what the last one was told: it resumes, there is nothing to know, or it keeps nothing. In
 * a terminal it begins anew where it has to, before a person's eyes.
 */
function canGoOn({ session, wasTold }: Talk): boolean {
  return session.conversation !== null || session.kind !== "acp" || !wasTold;
}

/** True for an agent that people sit before. */
export function isTerminal({ kind }: Pick<Session, "kind">): boolean {
  return kind === "terminal";
}

function mustGoOn(talk: Talk): void {
  if (talk.session.deletedAt !== null)
    throw new DispatchError("conflict", DELETED, {
      hint: `dispatch session new --workspace ${quote(talk.session.folder)}`,
    });
  if (hasAgent(talk.session) || canGoOn(talk)) return;
  throw new DispatchError("conflict", `${nameOf(talk.session)} has no conversation to go on with`, {
    hint: `dispatch session new --workspace ${quote(talk.session.folder)}`,
  });
}

/** What people call a session. */
export function nameOf({ name, id }: Session): string {
  return name ?? id;
}
