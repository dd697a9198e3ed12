import { DispatchError } from "../base/error.ts";
import type { HookReport } from "../protocol/hook-report.ts";
import type { Message } from "../protocol/message.ts";
import type { Outside, Pane } from "../protocol/outside.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Session } from "../protocol/session.ts";
import { accept, consumed, refuseWaiting, release, tells, turnOver, withMessage } from "./message.ts";
import { type Advance, type Talk, isWaiting, still, waitingFor, withSession } from "./run.ts";

/** A session whose agent was started by somebody else. */
export type OutsideSession = Session & { readonly outside: Outside };

export function isOutside(session: Session): session is OutsideSession {
  return session.outside !== null;
}

/** What is seen of an agent without being told by it: by its own record, and where its terminal is. */
export interface Sight {
  readonly conversation: string | null;
  readonly pane: Pane | null;
  readonly state: "idle" | "busy" | "waiting" | null;
  /** Since when it does that, in milliseconds. */
  readonly since: number;
}

/**
 * A hook's report, and when it was made; `permissions` where it says what the agent may do unasked. One that is
 * `relayed` proves no state, and its hook takes no messages.
 */
export interface Heard {
  readonly report: HookReport;
  readonly relayed: boolean;
  readonly permissions: Permissions | null;
  readonly at: number;
}

/** Applies what a hook says. Hooks overtake each other: of what happened before the last sign nothing counts. */
export function heard(talk: Talk, { report, relayed, permissions, at }: Heard, now: number): Advance<Talk> {
  const { session } = talk;
  if (!isOutside(session) || at < session.outside.saidAt) return still(talk);
  const { conversation, folder } = report;
  const own = relayed ? {} : { hooks: true, proven: true };
  const outside: Outside = { ...session.outside, ...own, saidAt: at };
  const told = withSession(talk, {
    conversation,
    outside,
    deletedAt: null,
    ...(folder !== "" && { folder }),
    ...(permissions && { permissions }),
  });
  return still(happened(told, report, now));
}

function happened(talk: Talk, report: HookReport, now: number): Talk {
  switch (report.event) {
    case "started":
      return doing(talk, { state: "ready" });
    case "prompt":
      return consumed(doing(talk, { state: "busy", waiting: null }), now);
    case "tool_started":
      return consumed(using(doing(talk, { state: "busy", waiting: null }), report.tool), now);
    case "tool_ended":
      return consumed(doing(talk, { state: "busy", waiting: null }), now);
    case "asks":
      return using(
        doing(talk, waitingFor(talk, report.needs, now)),
        report.tool ?? talk.session.outside?.tool ?? null,
      );
    case "turn_ended":
    case "interrupted":
      return turnOver(consumed(doing(talk, { state: "ready" }), now), now);
    case "subagent_ended":
    case "compacting":
      return talk;
    case "ended":
      return withSession(talk, { status: { state: "stopped", why: "asked" }, deletedAt: now });
  }
}

/** Applies what is seen. What its hooks said later than that stands. */
export function seen(talk: Talk, { conversation, pane, state, since }: Sight, now: number): Advance<Talk> {
  const { session } = talk;
  if (!isOutside(session)) return still(talk);
  const isNews = state !== null && since > session.outside.saidAt;
  const isMoved =
    !isSame(pane, session.outside.pane) || (conversation ?? session.conversation) !== session.conversation;
  if (!isNews && !isMoved) return still(talk);
  const outside = { ...session.outside, pane, ...(isNews && { saidAt: since, proven: true }) };
  const placed = withSession(talk, { outside, conversation: conversation ?? session.conversation });
  if (!isNews) return still(placed);
  switch (state) {
    case "idle":
      return still(turnOver(takenBefore(doing(placed, { state: "ready" }), since), now));
    case "busy":
      return still(consumed(doing(placed, { state: "busy", waiting: null }), now));
    case "waiting":
      return still(doing(placed, waitingFor(placed, "approval", now)));
  }
}

/** Its process is gone: what waits is told to nobody. */
export function ended(talk: Talk, now: number): Advance<Talk> {
  const { session } = talk;
  const under = talk.messages.filter(
    ({ id, receipt }) => receipt.state === "delivered" || talk.orders.some(({ order }) => tells(order, id)),
  );
  const receipt = { state: "refused", reason: "the session ended while it was told" } as const;
  const interrupted = under.reduce((rest, { id }) => withMessage(rest, id, { receipt }), turnOver(talk, now));
  const left = refuseWaiting(interrupted, "the session ended before it was told");
  if (session.deletedAt !== null) return still(left);
  return still(withSession(left, { status: { state: "stopped", why: "lost" }, deletedAt: now }));
}

/**
 * A message comes. It waits until a hook takes it to the agent, or it can be typed.
 * @throws DispatchError `refused` for one that steers, `conflict` where there is no safe way to the agent
 */
export function tellOutside(talk: Talk, message: Message): Advance<Talk> {
  const { session } = talk;
  if (!isReachable(session))
    throw new DispatchError("conflict", `nothing takes a message to ${session.name ?? session.id} safely`, {
      hint: `dispatch plugin install ${session.agent}, and start the agent again; or end it, and go on with it here: dispatch conversations`,
    });
  if (message.mode === "steer")
    throw new DispatchError("refused", "an agent outside of Dispatch cannot be interrupted", {
      hint: `dispatch tell ${talk.session.id} <message>, which it is told after what it does now`,
    });
  return still(accept(talk, message));
}

/** A person releases a held message. */
export function releaseOutside(talk: Talk, message: Message): Advance<Talk> {
  if (talk.session.deletedAt !== null)
    throw new DispatchError("conflict", "the session has ended", { hint: `dispatch refuse ${message.id}` });
  return still(release(talk, message));
}

/** Puts the message that is next on its way; nothing while another one is, or its turn still runs. */
export function hand(talk: Talk): Advance<Talk> {
  const next = talk.messages.find(isWaiting);
  const isUnderway = talk.orders.length > 0 || talk.messages.some((each) => !isWaiting(each));
  if (!next || isUnderway) return still(talk);
  const uncertain = next.decision?.verdict === "release" && next.deliveredAt !== null;
  return {
    run: talk,
    orders: [{ type: "message", message: next.id, steer: false, opens: false, uncertain }],
  };
}

/** The message was told; the agent goes on with it. */
export function handed(talk: Talk, id: Message["id"], now: number): Advance<Talk> {
  const told = withMessage(talk, id, { receipt: { state: "delivered" }, deliveredAt: now });
  return still(doing({ ...told, wasTold: true }, { state: "busy", waiting: null }));
}

/** Nobody knows if the message was told: a person says if it is to be told again. */
export function unsure(talk: Talk, id: Message["id"], now: number): Advance<Talk> {
  const receipt = { state: "held", because: "unconfirmed" } as const;
  return still(withMessage(talk, id, { receipt, decision: null, deliveredAt: now }));
}

/** What an agent may do unasked, by the word of its hooks; one that says nothing may do all, for all that is known. */
export function permissionsOf(mode: string | undefined): Permissions | null {
  switch (mode) {
    case undefined:
      return null;
    case "default":
      return "ask";
    case "plan":
      return "read-only";
    case "acceptEdits":
      return "edits";
    default:
      return "all";
  }
}

/** True where its hooks take messages, or where it is seen in a pane and says itself when it is idle. */
function isReachable({ outside }: Session): boolean {
  return outside !== null && (outside.hooks || (outside.pane !== null && outside.proven));
}

function doing(talk: Talk, status: Extract<Session["status"], { state: "ready" | "busy" }>): Talk {
  return using(withSession(talk, { status }), null);
}

function using(talk: Talk, tool: Outside["tool"]): Talk {
  const { outside } = talk.session;
  return outside === null ? talk : withSession(talk, { outside: { ...outside, tool } });
}

/** What was told before the agent came to rest: its turn was over before anybody looked. */
function takenBefore(talk: Talk, at: number): Talk {
  const isTold = talk.messages.every(({ deliveredAt }) => deliveredAt === null || deliveredAt < at);
  return isTold ? consumed(talk, at) : talk;
}

function isSame(pane: Pane | null, other: Pane | null): boolean {
  return pane?.server === other?.server && pane?.id === other?.id && pane?.address === other?.address;
}
