import { describe, expect, test } from "bun:test";
import { cancel } from "./end.ts";
import { giveUp, hurriedTask, isTooLong, MAX_PARKS, unpark, type Waiter, whoGoesOn } from "./limit.ts";
import { after, at, type EventOf, gone, pend, run, see, START } from "./run.fixture.ts";
import { type Advance, endingOf, type Run } from "./run.ts";
import { note } from "./task.ts";

const MINUTE = 60_000;

/** A turn that ended at a limit which is over so many milliseconds after the start; null: nobody knows. */
function limited(resetMs: number | null): EventOf<"turn_ended"> {
  const resetsAt = resetMs === null ? null : START + resetMs;
  return {
    type: "turn_ended",
    end: "error",
    said: "",
    message: "usage limit",
    limit: { kind: "usage", resetsAt },
  };
}

function parked(ms = 0, resetMs: number | null = 60 * MINUTE, from: Run = run()): Run {
  return told(see(from, limited(resetMs), at(ms)));
}

/** Its host has done all that it was told. */
function told({ run }: Advance): Run {
  return { ...run, orders: [] };
}

function letGo(from: Run = parked()): Run {
  return after(from, gone("stopped"));
}

describe("a task whose agent ran into a limit", () => {
  test("lets its agent go and waits for the end of the limit, and a little longer", () => {
    const { run: waits, orders } = see(run(), limited(60 * MINUTE), at(10));
    expect(orders).toMatchObject([{ type: "stop" }]);
    expect(waits.task.status).toMatchObject({ state: "working", ending: null });
    expect(waits.task.parked).toMatchObject({ limit: "usage", since: at(10).now, at: at(10).now, tries: 1 });
    expect(waits.task.parked!.until).toBeWithin(START + 60 * MINUTE, START + 61 * MINUTE + 1);
    expect(letGo(waits).session.status.state).toBe("stopped");
  });

  test.each([
    [null, MINUTE],
    [-5, MINUTE],
  ])("waits a minute where the end is unknown or past (%p)", (reset, wait) => {
    const { until } = parked(0, reset).task.parked!;
    expect(until - START).toBeWithin(wait, wait * 1.1 + 1);
  });

  test("doubles its wait with each try that was in vain, up to half an hour, and counts it as one", () => {
    let waits = letGo(parked(0, null));
    const spans = [1, 2, 4, 8, 16, 30, 30].map((minutes) => {
      const { at: from, until, since } = waits.task.parked!;
      expect(since).toBe(START);
      const back = told(unpark(waits, "begin", at(until - START)));
      waits = letGo(parked(until - START + 1_000, null, back));
      return [
        minutes,
        Math.floor((until - from) / MINUTE / 1.1001) <= minutes && until - from >= minutes * MINUTE,
      ];
    });
    expect(spans.every(([, isSo]) => isSo)).toBeTrue();
  });

  test("begins a new wait after it has got on for a while", () => {
    const back = told(unpark(letGo(parked(0, null)), "begin", at(2 * MINUTE)));
    const again = parked(20 * MINUTE, null, back);
    expect(again.task.parked).toMatchObject({ since: START + 20 * MINUTE, tries: 1 });
    expect(again.attempt.parks).toBe(2);
  });

  test("goes on in its conversation", () => {
    const { run: back, orders } = unpark(letGo(parked(5)), "go on", at(3_605));
    expect(back.task.parked).toBeNull();
    expect(back.session).toMatchObject({ epoch: 2, status: { state: "starting" } });
    expect(orders).toEqual([{ type: "prompt", text: "go on" }]);
  });

  test("whose first turn never reached it is told that one, and nothing else", () => {
    const begun = pend({
      run: run({ session: { state: "starting" }, conversation: null }),
      orders: [{ type: "prompt", text: "first" }],
    });
    const event = {
      type: "start_failed",
      reason: "protocol",
      message: "limit",
      limit: { kind: "rate", resetsAt: null },
    };
    const waits = see(begun, event as EventOf<"start_failed">, at()).run;
    expect(waits.task.parked).toMatchObject({ limit: "rate" });
    const { orders } = unpark(after(waits, gone("crashed")), "opening", at(MINUTE));
    expect(orders).toEqual([]);
  });

  test("is not woken by a note, which it is told when it goes on", () => {
    const noted = pend(note(letGo(), "use tabs"));
    expect(noted.session).toMatchObject({ epoch: 1, status: { state: "stopped" } });
    expect(unpark(noted, "go on", at(1)).orders).toEqual([]);
    const fresh = { ...noted, session: { ...noted.session, conversation: null } };
    expect(unpark(fresh, "begin", at(1)).orders).toEqual([{ type: "prompt", text: "begin" }]);
  });

  test("is cancelled like any other", () => {
    const canceled = cancel(letGo(), at()).run;
    expect(canceled.task.parked).toBeNull();
    expect(endingOf(canceled.task)?.state).toBe("canceled");
  });

  test("fails where its wait would be too long, so that another model may take over", () => {
    const waits = letGo();
    expect(isTooLong(waits.task.parked!, { parks: 1, longestMs: 30 * MINUTE })).toBeTrue();
    expect(isTooLong(waits.task.parked!, { parks: 1, longestMs: 62 * MINUTE })).toBeFalse();
    expect(isTooLong(waits.task.parked!, { parks: MAX_PARKS + 1, longestMs: 62 * MINUTE })).toBeTrue();
    expect(endingOf(giveUp(waits, at()).run.task)).toMatchObject({
      reason: "agent-error",
      message: "usage limit",
      unusable: "agent",
    });
  });

  test("may be tried at once by somebody who knows better", () => {
    expect(hurriedTask(letGo().task, 5).parked).toMatchObject({ at: 5, until: 5, since: START });
  });
});

describe("of those that wait for one agent", () => {
  const waiter = (id: number, until: number, atMs = 0, agent = "claude"): Waiter => ({
    id: `tsk_${id}`,
    agent,
    at: atMs,
    until,
  });
  const nothing = { trying: new Set<string>(), over: new Map<string, number>() };

  test("none goes on before the one that ran into the limit last may", () => {
    const { due, held } = whoGoesOn([waiter(1, 10), waiter(2, 100, 5)], nothing, 50);
    expect(due).toEqual([]);
    expect(held).toEqual(new Set(["claude"]));
  });

  test("one tries, and as long as it does nobody else", () => {
    const all = [waiter(1, 20), waiter(2, 10, 5)];
    expect(whoGoesOn(all, nothing, 50).due.map(({ id }) => id)).toEqual(["tsk_2"]);
    const tried = whoGoesOn(all, { ...nothing, trying: new Set(["claude"]) }, 50);
    expect(tried.due).toEqual([]);
    expect(tried.held.has("claude")).toBeTrue();
  });

  test("all follow when it got on, until one says otherwise again", () => {
    const over = new Map([["claude", 40]]);
    const all = [waiter(1, 1_000), waiter(2, 2_000, 5)];
    expect(whoGoesOn(all, { ...nothing, over }, 50)).toEqual({ due: all, held: new Set() });
    expect(whoGoesOn([...all, waiter(3, 3_000, 45)], { ...nothing, over }, 50).due).toEqual([]);
  });

  test("those of another agent know nothing", () => {
    const { due, held } = whoGoesOn([waiter(1, 100), waiter(2, 10, 5, "codex")], nothing, 50);
    expect(due.map(({ id }) => id)).toEqual(["tsk_2"]);
    expect(held).toEqual(new Set(["claude", "codex"]));
  });
});
