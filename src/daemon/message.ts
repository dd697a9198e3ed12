import { DispatchError } from "../base/error.ts";
import { newId } from "../base/id.ts";
import { isWider } from "../core/policy.ts";
import { messagePrompt } from "../core/prompt.ts";
import { hasAgent } from "../core/run.ts";
import { nameOf, tell, tellHeld } from "../core/session.ts";
import { releasedTask, toldTask } from "../core/task.ts";
import type { HostOrder, Order } from "../protocol/host.ts";
import { MAX_MESSAGE_SHOWN } from "../protocol/limit.ts";
import type { Message, MessageRequest, MessageVerdict, Sender } from "../protocol/message.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Session } from "../protocol/session.ts";
import type { Db } from "../sqlite/database.ts";
import { getMessage, insertMessage, messageText, openMessages } from "../store/message.ts";
import { imagesOf, insertImages } from "../store/message-image.ts";
import { getSchedule } from "../store/schedule.ts";
import { getSession } from "../store/session.ts";
import { checkBrakes, checkLive } from "./brakes.ts";
import type { Tx } from "./commit.ts";
import type { Parts } from "./parts.ts";
import { advanceEither } from "./run.ts";
import { keepEnvironment } from "./session-environment.ts";
import { writeMessage } from "./talk.ts";

/** Who sends, and the sessions that what it says came through, itself last. */
export interface Origin {
  readonly from: Sender;
  readonly chain: readonly Session["id"][];
}

/** What an agent may do that says nothing of it. */
const UNKNOWN: Permissions = "ask";

/** What is sent: its words, and how they are to be told. */
export type Sending = Pick<MessageRequest, "text" | "images" | "expiresInMs"> & { mode: Message["mode"] };

/**
 * Takes a message for a session: it is on disk, and its receipt told, when the transaction is. One whose sender may do
 * less than its receiver is held for a person.
 * @throws DispatchError `limited`, `refused` or `too_large` where a brake holds it, `refused` for images that its agent
 *   does not look at; `conflict` where nobody can be told
 */
export function acceptMessage(tx: Tx, session: Session, sending: Sending, origin: Origin): Message {
  checkBrakes(tx.db, session, { ...origin, text: sending.text });
  if (sending.images) checkImages(session);
  const message = newMessage(session, sending, origin);
  const held: Message = { ...message, receipt: { state: "held", because: "permissions" } };
  const isHeld = mayLess(tx.db, origin.from, session);
  insertMessage(tx.db, isHeld ? held : message, sending.text);
  if (sending.images) insertImages(tx.db, message.id, sending.images);
  if (isHeld) tx.announce({ type: "message", message: held });
  else
    advanceEither(tx, session, {
      task: (run) => toldTask(run, message),
      alone: (talk) => tell(talk, message),
    });
  return getMessage(tx.db, message.id)!;
}

/**
 * Sees to what the agent of a session needs to be told something: room for it, and its caller's environment.
 * @throws DispatchError `limited` where no further agent may be started
 */
export function readyToTell(
  parts: Pick<Parts, "ledger" | "environments" | "config">,
  session: Session,
  environment: MessageRequest["environment"],
): void {
  if (session.outside !== null) return;
  if (session.task === null && !hasAgent(session)) checkLive(parts.ledger.db);
  keepEnvironment(parts, session.task ?? session.id, environment);
}

/**
 * A person releases a held message, or refuses it; once.
 * @throws DispatchError `conflict` for one that is not held, with the first decision, or whose session cannot be told
 */
export function decideMessage(
  tx: Tx,
  message: Message,
  { verdict, reason }: { verdict: MessageVerdict; reason?: string | undefined },
): Message {
  if (message.receipt.state !== "held") throw notHeld(message);
  const decision = { verdict, at: Date.now(), ...(reason === undefined ? {} : { reason }) };
  const decided: Message = { ...message, decision };
  const session = getSession(tx.db, message.session)!;
  if (verdict === "refuse") {
    const receipt = { state: "refused", reason: reason ?? "a person refused it" } as const;
    writeMessage(tx, { ...decided, receipt });
  } else
    advanceEither(tx, session, {
      task: (run) => releasedTask(run, decided),
      alone: (talk) => tellHeld(talk, decided),
    });
  return getMessage(tx.db, message.id)!;
}

/** Only over ACP an agent says that it looks at images, and gets them; until it is up it may. */
function checkImages(session: Session): void {
  if (session.kind === "acp" && session.images !== false) return;
  throw new DispatchError("refused", `the agent of ${nameOf(session)} takes no images here`, {
    hint: "put them into files of its folder, and name those",
  });
}

function notHeld({ id, decision, receipt }: Message): DispatchError {
  const earlier = decision && `already decided: ${decision.verdict === "release" ? "released" : "refused"}`;
  return new DispatchError("conflict", earlier ?? `${id} is not held: it is ${receipt.state}`);
}

/** True where the sender's agent may do less without a person than the receiver's. */
function mayLess(db: Db, from: Sender, receiver: Session): boolean {
  const allowed = allowedOf(db, from);
  return allowed !== null && isWider(receiver.permissions, allowed);
}

/** What the agent that sends may do unasked, as far as that is known; null where none does. */
export function allowedOf(db: Db, from: Sender): Permissions | null {
  switch (from.kind) {
    case "person":
    case "schedule":
    case "tasks":
      return null;
    case "agent":
      return UNKNOWN;
    case "session": {
      const { outside, permissions } = getSession(db, from.session)!;
      return outside === null || outside.hooks ? permissions : UNKNOWN;
    }
  }
}

/**
 * A message from a person, or from the session, the agent or the schedule that the request names.
 * @throws DispatchError `not_found`
 */
export function originOf(
  { ledger: { db }, outside }: Pick<Parts, "ledger" | "outside">,
  { fromSession, fromAgent, schedule }: Pick<MessageRequest, "fromSession" | "fromAgent" | "schedule">,
): Origin {
  if (schedule !== undefined) {
    const found = getSchedule(db, schedule);
    if (!found)
      throw new DispatchError("not_found", `no schedule ${schedule}`, { hint: "dispatch schedule" });
    return { from: { kind: "schedule", schedule, name: found.name }, chain: [] };
  }
  if (fromSession === undefined && fromAgent === undefined) return { from: { kind: "person" }, chain: [] };
  const sender =
    fromSession === undefined
      ? outside.sessionAbove({ reporter: fromAgent!.process })
      : getSession(db, fromSession);
  if (!sender && fromAgent) return { from: { kind: "agent", name: fromAgent.name }, chain: [] };
  if (!sender)
    throw new DispatchError("not_found", `no session ${fromSession}`, { hint: "dispatch sessions" });
  const running = openMessages(db, sender.id).findLast(
    ({ receipt: { state } }) => state !== "queued" && state !== "accepted",
  );
  return {
    from: { kind: "session", session: sender.id, name: nameOf(sender) },
    chain: [...(running?.chain ?? []), sender.id],
  };
}

/** What a host gets of an order: a message becomes a prompt with its text. */
export function toldOrder(db: Db, order: Order): HostOrder {
  if (order.type !== "message") return order;
  const { from, session } = getMessage(db, order.message)!;
  const role = order.opens ? (getSession(db, session)!.model?.role ?? null) : null;
  const text = messagePrompt({
    text: messageText(db, order.message),
    from,
    role,
    uncertain: order.uncertain,
  });
  const images = imagesOf(db, order.message);
  return {
    type: "prompt",
    text,
    ...(images.length > 0 && { images }),
    ...(order.steer && { steer: true }),
  };
}

function newMessage(
  session: Session,
  { text, images, mode, expiresInMs }: Sending,
  { from, chain }: Origin,
): Message {
  const now = Date.now();
  return {
    id: newId("msg", now),
    session: session.id,
    task: session.task,
    text: text.slice(0, MAX_MESSAGE_SHOWN),
    bytes: Buffer.byteLength(text),
    ...(images && { images: images.length }),
    mode,
    from,
    chain: [...chain],
    receipt: { state: "accepted" },
    decision: null,
    acceptedAt: now,
    expiresAt: expiresInMs === undefined ? null : now + expiresInMs,
    deliveredAt: null,
    consumedAt: null,
    endedAt: null,
  };
}
