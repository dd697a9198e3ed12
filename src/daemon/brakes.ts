import { DispatchError } from "../base/error.ts";
import { isWaiting } from "../core/run.ts";
import { nameOf } from "../core/session.ts";
import { MAX_MESSAGE_BYTES } from "../protocol/limit.ts";
import type { Sender } from "../protocol/message.ts";
import type { Session } from "../protocol/session.ts";
import type { Db } from "../sqlite/database.ts";
import { countMessages, openMessages } from "../store/message.ts";
import { countLive } from "../store/session.ts";

/** Sessions that a message may have come through: agents that hand on to agents end somewhere. */
export const MAX_CHAIN = 5;
/** Messages that may wait for one session. */
export const MAX_QUEUE = 100;
/** The span in which the messages of one sender to one session are counted, in milliseconds. */
const RATE_MS = 60_000;
/** Messages in that span: from the agent of one session, all others, all people and schedules, and of its own tasks. */
export const MAX_RATE = {
  session: 20,
  agent: 20,
  person: 600,
  schedule: 600,
  tasks: 20,
} as const satisfies Record<Sender["kind"], number>;
/** Agents at once that no task has, whether they work or wait. */
export const MAX_LIVE = 256;

interface Incoming {
  readonly from: Sender;
  readonly chain: readonly Session["id"][];
  readonly text: string;
}

/** @throws DispatchError `too_large`, `refused` or `limited` for a message that must not come */
export function checkBrakes(db: Db, session: Session, { from, chain, text }: Incoming): void {
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES)
    throw new DispatchError("too_large", `the message is over ${MAX_MESSAGE_BYTES >> 20} MiB`, {
      hint: "put the text in a file of the workspace and name it in the message",
    });
  const name = nameOf(session);
  if (chain.includes(session.id))
    throw new DispatchError(
      "refused",
      `this message came through ${name} before: it would go round in a circle`,
    );
  if (chain.length > MAX_CHAIN)
    throw new DispatchError(
      "refused",
      `this message came through ${chain.length} sessions: no more than ${MAX_CHAIN} hand one on`,
    );
  if (openMessages(db, session.id).filter(isWaiting).length >= MAX_QUEUE)
    throw new DispatchError("limited", `${MAX_QUEUE} messages wait for ${name} already`, {
      hint: "send it again when some of them were told",
    });
  const most = MAX_RATE[from.kind];
  if (countMessages(db, session.id, from, Date.now() - RATE_MS) >= most)
    throw new DispatchError("limited", `${most} messages a minute to ${name} are the limit`, {
      hint: "wait a minute, and say more in one message",
    });
}

/** @throws DispatchError `limited` where no further agent may be started for a session without a task */
export function checkLive(db: Db): void {
  if (countLive(db) < MAX_LIVE) return;
  throw new DispatchError("limited", `${MAX_LIVE} sessions have an agent already`, {
    hint: "dispatch stop <session>",
  });
}
