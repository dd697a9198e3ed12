import { describe, expect, test } from "bun:test";
import { consumed, expire } from "./message.ts";
import { at, gatedCall, gone, judging, START, turnEnded } from "./run.fixture.ts";
import { isWaiting, type Talk } from "./run.ts";
import {
  change,
  forget,
  interrupt,
  letGo,
  MAX_REVIVALS,
  observeSession,
  resume,
  resumeLost,
  stop,
  tell,
  tellHeld,
} from "./session.ts";
import { hear, inTurn, keep, message, phase, talk } from "./talk.fixture.ts";

const STOPPED = { status: { state: "stopped", why: "idle" } } as const;

function told(number: number) {
  return {
    type: "message",
    message: `msg_${number}`,
    steer: false,
    opens: false,
    uncertain: false,
  } as const;
}

/** Every message that was delivered and is not over, in the middle of its turn. */
function delivered(): Talk {
  return inTurn(phase(keep(tell(talk(), message(1))), "msg_1", "sent"));
}

function receipts({ messages }: Talk) {
  return messages.map(({ receipt }) => receipt.state);
}

describe("a message", () => {
  test("to an idle session is told at once", () => {
    const { run, orders } = tell(talk(), message(1));
    expect(receipts(run)).toEqual(["accepted"]);
    expect(orders).toEqual([told(1)]);
  });

  test("to a busy session waits until the turn is over, and is then the only one on its way", () => {
    const busy = keep(tell(keep(tell(delivered(), message(2))), message(3)));
    expect(busy.messages.map(({ receipt }) => receipt)).toEqual([
      { state: "delivered" },
      { state: "queued", position: 1 },
      { state: "queued", position: 2 },
    ]);
    expect(busy.orders.map(({ order }) => order)).toEqual([told(1)]);
    const over = hear(phase(busy, "msg_1", "done"), turnEnded());
    expect(over.orders).toEqual([told(2)]);
    expect(keep(over).messages[0]).toMatchObject({ receipt: { state: "consumed" }, endedAt: START });
  });

  test("that steers goes before those that wait, and at once", () => {
    const busy = keep(tell(delivered(), message(2)));
    const { run, orders } = tell(busy, message(3, { mode: "steer" }));
    expect(receipts(run)).toEqual(["delivered", "queued", "accepted"]);
    expect(orders).toEqual([{ ...told(3), steer: true }]);
  });

  test("is told to an agent that still starts, once and no other before it", () => {
    const starting = keep(tell(talk(STOPPED), message(1)));
    expect(starting.session).toMatchObject({ epoch: 2, status: { state: "starting" } });
    expect(starting.orders.map(({ order }) => order)).toEqual([told(1)]);
    expect(tell(starting, message(2)).orders).toEqual([]);
  });

  test("of a session that was told nothing yet opens the conversation", () => {
    const { orders } = tell(talk(STOPPED, { wasTold: false }), message(1));
    expect(orders).toEqual([{ ...told(1), opens: true }]);
  });

  test("is consumed by the first output of its turn", () => {
    const { messages } = consumed(delivered(), START + 5);
    expect(messages).toMatchObject([
      { receipt: { state: "consumed" }, consumedAt: START + 5, endedAt: null },
    ]);
  });

  test("to an agent that cannot go on in its conversation is refused with what to do", () => {
    const lost = talk({ status: { state: "stopped", why: "lost" }, conversation: null });
    expect(() => tell(lost, message(1))).toThrow("no conversation to go on with");
    expect(tell({ ...lost, wasTold: false }, message(1)).orders).toHaveLength(1);
    expect(tell({ ...lost, session: { ...lost.session, kind: "exec" } }, message(1)).orders).toHaveLength(1);
  });

  test("expires while it waits, and not once it is on its way", () => {
    const late = { expiresAt: START + 1 };
    const busy = keep(tell(delivered(), message(2, late)));
    expect(receipts(expire(busy, at(0)))).toEqual(["delivered", "queued"]);
    expect(receipts(expire(busy, at(1)))).toEqual(["delivered", "expired"]);
    expect(receipts(expire(keep(tell(talk(), message(1, late))), at(1)))).toEqual(["accepted"]);
  });

  test("that is released keeps the place that it had", () => {
    const busy = keep(tell(delivered(), message(3)));
    const { run } = tellHeld(busy, message(2, { decision: { verdict: "release", at: START } }));
    expect(run.messages.filter(isWaiting).map(({ id }) => id)).toEqual(["msg_2", "msg_3"]);
  });
});

describe("an agent that dies", () => {
  test("is held against what it was told without a sign, and stays away when nothing waits", () => {
    const { run, orders } = hear(delivered(), gone("crashed", "out of memory"));
    expect(run.messages).toMatchObject([{ receipt: { state: "held", because: "uncertain" } }]);
    expect(run.session.status).toEqual({ state: "error", message: "out of memory" });
    expect(orders).toEqual([]);
  });

  test("is not told again what it took", () => {
    const { run } = hear(consumed(delivered(), START), gone("lost"));
    expect(run.messages).toMatchObject([{ receipt: { state: "consumed" }, endedAt: START }]);
    expect(run.session.status).toEqual({ state: "stopped", why: "lost" });
  });

  test("is brought back for what waits, so many times, and stays in error then", () => {
    let now = keep(tell(delivered(), message(2)));
    now = keep(hear(now, gone("crashed")));
    expect(now.session).toMatchObject({ epoch: 2, status: { state: "starting" }, revivals: 1 });
    for (let count = 1; count < MAX_REVIVALS; count++) now = keep(hear(now, gone("crashed")));
    expect(now.session).toMatchObject({ epoch: MAX_REVIVALS + 1, revivals: MAX_REVIVALS });
    now = hear(now, gone("crashed")).run;
    expect(now.session.status.state).toBe("error");
    expect(now.messages.find(({ id }) => id === "msg_2")!.receipt.state).toBe("queued");
    expect(resume(now).run.session.status.state).toBe("starting");
  });

  test("that cannot be brought back has what waits refused", () => {
    const busy = keep(tell(delivered(), message(2)));
    const { run } = hear({ ...busy, session: { ...busy.session, conversation: null } }, gone("lost"));
    expect(receipts(run)).toEqual(["held", "refused"]);
    expect(resumeLost(run).run.session.status).toEqual({ state: "stopped", why: "lost" });
  });

  test("takes its open approvals with it, and a stopping one is denied more", () => {
    const asking = hear(delivered(), gatedCall("apr_1")).run;
    expect(asking.session.status).toEqual({ state: "busy", waiting: "approval" });
    expect(hear(asking, gone("lost")).run.approvals).toMatchObject([{ status: { state: "withdrawn" } }]);
    const late = hear(keep(stop(delivered())), gatedCall("apr_2"));
    expect(late.orders).toEqual([{ type: "decide", approval: "apr_2", verdict: "deny" }]);
  });
});

describe("stopping", () => {
  test("leaves what waits in the line, and the next message brings all of it back in order", () => {
    const stopping = keep(stop(keep(tell(delivered(), message(2)))));
    const { run, orders } = hear(stopping, gone("stopped"));
    expect(run.session.status).toEqual({ state: "stopped", why: "asked" });
    expect(orders).toEqual([]);
    const kept = { ...run, orders: [] };
    expect(tell(kept, message(3)).orders).toEqual([told(2)]);
  });

  test("is undone by a message that comes meanwhile", () => {
    const stopping = keep(tell(keep(stop(talk())), message(1)));
    expect(stopping.session.status).toEqual({ state: "stopping", why: "asked", again: true });
    const { run, orders } = hear(stopping, gone("stopped"));
    expect(run.session).toMatchObject({ epoch: 2, status: { state: "starting" } });
    expect(orders).toEqual([told(1)]);
    expect(stop(stopping).run.session.status).toEqual({ state: "stopping", why: "asked", again: false });
  });

  test("of an agent that cannot come back has what came meanwhile refused", () => {
    const lasting = talk({ conversation: null });
    const { run } = hear(keep(tell(keep(stop(lasting)), message(1))), gone("stopped"));
    expect(run.session.status).toEqual({ state: "stopped", why: "asked" });
    expect(receipts(run)).toEqual(["refused"]);
  });

  test("of an idle agent needs a conversation to come back to, and nothing that waits", () => {
    expect(letGo(talk()).run.session.status).toMatchObject({ state: "stopping", why: "idle" });
    expect(letGo(talk({ conversation: null })).orders).toEqual([]);
    expect(letGo(delivered()).orders).toEqual([]);
    expect(letGo(keep(tell(talk(), message(1)))).orders).toEqual([]);
  });

  test("a turn alone is for a session that has one", () => {
    expect(interrupt(talk()).orders).toEqual([]);
    expect(interrupt(delivered()).orders).toMatchObject([{ type: "interrupt" }]);
  });
});

describe("another model", () => {
  const wanted = { thinking: "high" } as const;

  test("ends an idle agent, and one with a turn after it; what waits brings it back", () => {
    expect(change(talk(), wanted).run.session).toMatchObject({
      ...wanted,
      status: { state: "stopping", why: "idle", again: false },
    });
    const busy = keep(tell(keep(change(delivered(), wanted)), message(2)));
    expect(busy.session).toMatchObject({ stale: true, status: { state: "busy" } });
    const over = hear(phase(busy, "msg_1", "done"), turnEnded());
    expect(over.run.session.status).toEqual({ state: "stopping", why: "idle", again: true });
    expect(over.orders.map(({ type }) => type)).toEqual(["stop"]);
    const next = hear(keep(over), gone("stopped"));
    expect(next.run.session).toMatchObject({ epoch: 2, stale: false });
    expect(next.orders).toEqual([told(2)]);
  });

  test("of an agent that could not be brought back is for its next start", () => {
    const kept = keep(change(talk({ conversation: null }), wanted));
    expect(kept.session.status.state).toBe("ready");
    expect(tell(kept, message(1)).orders).toEqual([told(1)]);
  });

  test("of a session without an agent is only written down", () => {
    expect(change(talk(STOPPED), wanted).run.session).toMatchObject({ ...wanted, stale: false });
  });
});

test("a session is forgotten without its agent only, and what waits is refused", () => {
  expect(() => forget(talk(), at())).toThrow("still has an agent");
  const waiting = talk(STOPPED, { messages: [message(1)] });
  const { run } = forget(waiting, at(7));
  expect(run.session.deletedAt).toBe(START + 7);
  expect(receipts(run)).toEqual(["refused"]);
});

test("events of an epoch that is over change nothing", () => {
  const now = talk({ epoch: 2 });
  const record = { seq: 9, epoch: 1, at: START, event: gone("lost") };
  expect(observeSession(now, record, judging(now, at())).run).toBe(now);
  expect(hear(talk(STOPPED), gone("lost")).run.session.status).toEqual(STOPPED.status);
});
