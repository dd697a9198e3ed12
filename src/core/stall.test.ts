import { describe, expect, test } from "bun:test";
import { cancel } from "./end.ts";
import { after, at, gone, pend, question, run, see, turnEnded, waiting } from "./run.fixture.ts";
import { endingOf, type Run } from "./run.ts";
import { stalled } from "./stall.ts";
import { showsLife } from "./vitals.ts";

const SILENT_MS = 600_000;

/** The same worker found to hang once more. */
function hangs(run: Run): Run {
  return pend(stalled(run, SILENT_MS, at(1)));
}

/** It has taken all that it was told, and is busy with it. */
function busyAgain(run: Run): Run {
  return { ...run, orders: [], session: { ...run.session, status: { state: "busy", waiting: null } } };
}

describe("a worker without any sign of life", () => {
  test("has its turn ended and is told so, and that turn's end is no end of the task", () => {
    const { run: reminded, orders } = stalled(run(), SILENT_MS, at());
    expect(orders).toMatchObject([
      { type: "interrupt" },
      { type: "prompt", text: expect.stringContaining("no sign of life from you for 10m") },
    ]);
    const ended = see(pend({ run: reminded, orders }), turnEnded("", "cancelled"));
    expect(endingOf(ended.run.task)).toBeNull();
    expect(ended.orders).toEqual([]);
  });

  test("is started anew in its conversation when that did not help", () => {
    const { run: stopped, orders } = stalled(busyAgain(hangs(run())), SILENT_MS, at());
    expect(orders).toEqual([{ type: "stop", graceMs: 5_000 }]);
    const back = after(pend({ run: stopped, orders }), gone("stopped"));
    expect(back.session).toMatchObject({ epoch: 2, status: { state: "starting" } });
    expect(back.attempt).toMatchObject({ resumes: 0, stalls: 2 });
  });

  test("fails in the end, and raises a flag", () => {
    const failed = hangs(busyAgain(hangs(busyAgain(hangs(run())))));
    expect(endingOf(failed.task)).toMatchObject({
      state: "failed",
      reason: "timeout",
      message: "stalled: no sign of life for 10m",
      hint: "dispatch resume fix-login",
    });
    expect(failed.flags).toMatchObject([{ id: "flg_1", text: expect.stringContaining("no sign of life") }]);
  });

  test("fails at the second time where it has no conversation to be brought back in", () => {
    const failed = hangs(busyAgain(hangs(run({ conversation: null }))));
    expect(endingOf(failed.task)).toMatchObject({ reason: "timeout" });
  });

  test("that ends a turn by itself begins anew", () => {
    const ended = after(busyAgain(hangs(run())), question("qst_1"), turnEnded());
    expect(ended.attempt.stalls).toBe(0);
  });

  test.each([
    ["waits for a person", waiting({ parked: false })],
    ["waits for an approval", run({ session: { state: "busy", waiting: "approval" } })],
    ["waits for its next turn", run({ session: { state: "ready" } })],
    ["is being cancelled", pend(cancel(run(), at()))],
  ] satisfies [string, Run][])("is left alone while it %s", (_, quiet) => {
    expect(stalled(quiet, SILENT_MS, at())).toEqual({ run: quiet, orders: [] });
  });
});

describe("two looks show life where", () => {
  const before = { processes: "a", cpuMs: 1_000, waitedMs: 1_000, bytes: 1_000, received: 100 };
  test.each([
    ["nothing changed", before, false],
    ["a process came or went", { ...before, processes: "b" }, true],
    ["a timer ran", { ...before, cpuMs: 1_400 }, false],
    ["something computed", { ...before, cpuMs: 1_500 }, true],
    ["a timer waited for its turn", { ...before, waitedMs: 5_000 }, false],
    ["something would have computed", { ...before, waitedMs: 6_000 }, true],
    ["a few bytes were kept", { ...before, bytes: 9_000 }, false],
    ["much was read or written", { ...before, bytes: 12_000 }, true],
    ["anything came from the network", { ...before, received: 101 }, true],
    ["the system tells nothing", { ...before, bytes: null, received: null }, false],
  ])("%s", (_, now, expected) => {
    expect(showsLife(before, now, 10_000)).toBe(expected);
  });
});
