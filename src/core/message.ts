import type { MessageOrder } from "../protocol/host.ts";
import type { Message, Receipt } from "../protocol/message.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import {
  type Advance,
  type Facts,
  type Run,
  type Talk,
  asksForBudget,
  awaitsTurn,
  becomesTurn,
  hasAgent,
  isWaiting,
} from "./run.ts";

type CommandEvent = Extract<TranscriptEvent, { type: "command" }>;
type PromptTaken = Extract<TranscriptEvent, { type: "prompt_taken" }>;

/** Puts a message, which may be written already, at the end of its session's line. */
export function accept<R extends Talk>(run: R, message: Message): R {
  const before = run.messages.filter(({ id }) => id !== message.id);
  const waits = run.session.status.state === "busy" || awaitsTurn({ orders: run.orders, messages: before });
  const position = before.filter(isWaiting).length + 1;
  const receipt: Receipt =
    waits && message.mode === "queue" ? { state: "queued", position } : { state: "accepted" };
  return { ...run, messages: [...before, { ...message, receipt }] };
}

/**
 * Has the agent told what is next: every steering message at once, any other when nothing runs and nothing is on its
 * way. So at most one is with the host, and the rest can still expire or be refused. Nothing is told while a budget is
 * used up.
 */
export function tellNext<R extends Talk & Partial<Pick<Run, "questions">>>(advance: Advance<R>): Advance<R> {
  const { run, orders } = advance;
  const { state } = run.session.status;
  if (!hasAgent(run.session) || state === "stopping" || asksForBudget(run)) return advance;
  const underway = [...run.orders.map(({ order }) => order), ...orders];
  const waiting = run.messages.filter(
    (each) => isWaiting(each) && !underway.some((order) => tells(order, each.id)),
  );
  const steering = waiting.filter(({ mode }) => mode === "steer");
  const { stale, conversation } = run.session;
  const isFree = state !== "busy" && !underway.some(becomesTurn) && !(stale && conversation !== null);
  const next = steering.length > 0 ? steering : isFree ? waiting.slice(0, 1) : [];
  return { run, orders: [...orders, ...next.map((message) => orderFor(run, message))] };
}

/** What a host says of the telling of a message; `done` is the end of its turn. */
export function commanded<R extends Talk>(run: R, event: CommandEvent, { now }: Facts): R {
  const order = run.orders.find(({ id }) => id === event.command)?.order;
  if (order?.type !== "message") return run;
  switch (event.phase) {
    case "sent":
      return {
        ...withMessage(run, order.message, { receipt: { state: "delivered" }, deliveredAt: now }),
        wasTold: true,
      };
    case "done":
      return event.error === undefined
        ? withMessage(consumed(run, now), order.message, { endedAt: now })
        : doubted(run, order.message, now);
    case "received":
    case "held":
      return run; // what an agent's death left open is settled by `gone`
  }
}

/** Nobody saw the agent take it, and it may have: a person says whether it is told again. */
function doubted<R extends Talk>(run: R, message: Message["id"], now: number): R {
  const told = run.messages.find(({ id }) => id === message);
  if (told?.receipt.state !== "delivered") return withMessage(run, message, { endedAt: now });
  return withMessage(run, message, { receipt: { state: "held", because: "unconfirmed" }, decision: null });
}

/** The agent says that it took what it was told last; one of an earlier command is settled by itself (`confirmed`). */
export function taken<R extends Talk>(run: R, event: PromptTaken, { now }: Facts): R {
  return event.command === undefined ? consumed(run, now) : run;
}

/** A held message of which it is known by now that its agent was told; null where a person has decided, or it is not so. */
export function confirmed(message: Message, receipt: Receipt): Message | null {
  const { receipt: before, decision } = message;
  const isUnsure = before.state === "held" && before.because !== "permissions" && decision === null;
  return isUnsure ? { ...message, receipt } : null;
}

/** The agent put something out: it took what it was told last. */
export function consumed<R extends Talk>(run: R, now: number): R {
  const told = run.messages.filter(({ receipt }) => receipt.state === "delivered");
  return told.reduce(
    (rest, { id }) => withMessage(rest, id, { receipt: { state: "consumed" }, consumedAt: now }),
    run,
  );
}

/** The agent's turn is over, and so is what it took. */
export function turnOver<R extends Talk>(run: R, now: number): R {
  const taken = run.messages.filter(({ receipt }) => receipt.state === "consumed");
  return taken.reduce((rest, { id }) => withMessage(rest, id, { endedAt: now }), run);
}

/**
 * The agent is gone: the turn of what it took is over. What it was told without a sign that it took it is held for a
 * person, so that nothing is told twice in silence; in a run that is `over` nobody can be told any more.
 */
export function interrupted<R extends Talk>(run: R, { over }: { over: boolean }, { now }: Facts): R {
  const receipt: Receipt = over
    ? { state: "refused", reason: "the task ended while it was told" }
    : { state: "held", because: "uncertain" };
  return run.messages.reduce((rest, { id, receipt: { state } }) => {
    if (state === "consumed") return withMessage(rest, id, { endedAt: now });
    return state === "delivered" ? withMessage(rest, id, { receipt, decision: null }) : rest;
  }, run);
}

/** A person lets a held message go its way, at the place in the line that it had. */
export function release<R extends Talk>(run: R, message: Message): R {
  const { messages, ...rest } = accept(run, message);
  return { ...run, ...rest, messages: messages.toSorted((a, b) => a.acceptedAt - b.acceptedAt) };
}

/** Nothing that waits will be told. */
export function refuseWaiting<R extends Talk>(run: R, reason: string): R {
  return run.messages
    .filter(isWaiting)
    .reduce((rest, { id }) => withMessage(rest, id, { receipt: { state: "refused", reason } }), run);
}

/** Takes a message whose time is over out of the line; one that is on its way to the agent is told all the same. */
export function expire<R extends Talk>(run: R, { now }: Facts): R {
  const late = run.messages.filter(
    (each) =>
      isWaiting(each) &&
      each.expiresAt !== null &&
      each.expiresAt <= now &&
      !run.orders.some(({ order }) => tells(order, each.id)),
  );
  return late.reduce((rest, { id }) => withMessage(rest, id, { receipt: { state: "expired" } }), run);
}

function orderFor(run: Talk, { id, mode, decision, deliveredAt }: Message): MessageOrder {
  const uncertain = decision?.verdict === "release" && deliveredAt !== null;
  const opens = !run.wasTold && run.session.forkedFrom === null;
  return { type: "message", message: id, steer: mode === "steer", opens, uncertain };
}

/** True for the order by which a message is told. */
export function tells(
  order: { readonly type: string; readonly message?: string },
  id: Message["id"],
): boolean {
  return order.type === "message" && order.message === id;
}

export function withMessage<R extends Talk>(run: R, id: Message["id"], change: Partial<Message>): R {
  return {
    ...run,
    messages: run.messages.map((each) => (each.id === id ? { ...each, ...change } : each)),
  };
}
