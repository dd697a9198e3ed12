import type { Message } from "../protocol/message.ts";
import type { Outside } from "../protocol/outside.ts";
import type { Session } from "../protocol/session.ts";
import type { CommandPhase, TranscriptEvent } from "../protocol/transcript.ts";
import type { Advance, Facts, PendingOrder, Talk } from "./run.ts";
import { at, judging, run, START } from "./run.fixture.ts";
import { observeSession } from "./session.ts";

/** A session without a task in its first epoch: one agent, resumable, with nothing to do, told something before. */
export function talk(change: Partial<Session> = {}, more: Partial<Omit<Talk, "session">> = {}): Talk {
  const { session } = run();
  const alone: Session = { ...session, origin: "manual", task: null, status: { state: "ready" }, ...change };
  return { session: alone, approvals: [], messages: [], wasTold: true, orders: [], ...more };
}

/** A session whose agent somebody else started, with hooks that tell of it. */
export function outside(change: Partial<Outside> = {}): Talk {
  const seen: Outside = {
    process: "7.1",
    boot: "b",
    hooks: true,
    proven: true,
    pane: null,
    tool: null,
    saidAt: START,
  };
  return talk({ origin: "external", outside: { ...seen, ...change } });
}

/** A message as it comes; `number` makes its id and its place among others. */
export function message(number: number, change: Partial<Message> = {}): Message {
  return {
    id: `msg_${number}`,
    session: "ses_1",
    task: null,
    text: `message ${number}`,
    bytes: 9,
    mode: "queue",
    from: { kind: "person" },
    chain: [],
    receipt: { state: "accepted" },
    decision: null,
    acceptedAt: START + number,
    expiresAt: null,
    deliveredAt: null,
    consumedAt: null,
    endedAt: null,
    ...change,
  };
}

/** What the rules make of one event of the session's current epoch. */
export function hear(talk: Talk, event: TranscriptEvent, facts: Facts = at()): Advance<Talk> {
  return observeSession(
    talk,
    { seq: 1, epoch: talk.session.epoch, at: facts.now, event },
    judging(talk, facts),
  );
}

/** The session with its orders in the outbox, as the daemon keeps them. */
export function keep({ run, orders }: Advance<Talk>): Talk {
  const told = orders.map((order, at): PendingOrder => ({
    id: `cmd_${run.messages.length}${run.orders.length + at}`,
    order,
    sent: false,
  }));
  return { ...run, orders: [...run.orders, ...told] };
}

/** The session after its host has said how far the telling of a message is. */
export function phase(talk: Talk, id: Message["id"], to: CommandPhase): Talk {
  const { id: command } = talk.orders.find(({ order }) => order.type === "message" && order.message === id)!;
  const { run } = hear(talk, { type: "command", command, phase: to });
  const orders =
    to === "done"
      ? run.orders.filter((each) => each.id !== command)
      : run.orders.map((each) => (each.id === command ? { ...each, sent: to === "sent" } : each));
  return { ...run, orders };
}

/** The session in the middle of the turn of its first message. */
export function inTurn(more: Talk = talk()): Talk {
  return keep(hear(more, { type: "turn_started", prompt: "" }));
}
