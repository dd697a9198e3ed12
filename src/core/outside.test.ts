import { describe, expect, test } from "bun:test";
import type { HookReport } from "../protocol/hook-report.ts";
import { ended, hand, handed, heard, permissionsOf, seen, tellOutside, unsure } from "./outside.ts";
import { START } from "./run.fixture.ts";
import { message, outside } from "./talk.fixture.ts";

const TOLD = { agent: "", conversation: "c", folder: "/work/api" };
const TOOL = { call: null, name: "Bash", path: null, command: "npm test" };

function report(told: Partial<HookReport>, at: number) {
  return { report: { ...TOLD, ...told } as HookReport, permissions: null, relayed: false, at: START + at };
}

describe("an agent outside", () => {
  test("of reports that overtake each other the later one counts", () => {
    const started = report({ event: "tool_started", tool: TOOL }, 10);
    const over = report({ event: "turn_ended", failed: false }, 20);
    const idle = heard(heard(outside(), over, 1).run, started, 2).run;
    expect(idle.session.status).toEqual({ state: "ready" });
    expect(idle.session.outside?.tool).toBeNull();
    expect(heard(heard(outside(), started, 1).run, over, 2).run).toEqual(idle);
  });

  test("what is seen changes only what its hooks did not say since", () => {
    const busy = heard(outside(), report({ event: "prompt", digest: "" }, 10), 1).run;
    const sight = { conversation: null, pane: null, state: "idle" } as const;
    expect(seen(busy, { ...sight, since: START + 5 }, 1).run).toBe(busy);
    expect(seen(busy, { ...sight, since: START + 20 }, 1).run.session.status).toEqual({ state: "ready" });
  });

  test("is told one message at a time, the next when the turn of that is over", () => {
    const two = tellOutside(tellOutside(outside(), message(1)).run, message(2)).run;
    const { run, orders } = hand(two);
    expect(orders).toMatchObject([{ type: "message", message: "msg_1" }]);
    const told = handed(run, "msg_1", START + 5).run;
    expect(hand(told).orders).toEqual([]);
    const over = heard(told, report({ event: "turn_ended", failed: false }, 10), START + 10).run;
    expect(over.messages[0]).toMatchObject({ receipt: { state: "consumed" }, endedAt: START + 10 });
    expect(hand({ ...over, messages: over.messages.slice(1) }).orders).toMatchObject([{ message: "msg_2" }]);
  });

  test("what nobody knows to be told is told again as such", () => {
    const waiting = tellOutside(outside(), message(1)).run;
    const held = unsure(waiting, "msg_1", START + 9).run.messages[0]!;
    expect(held.receipt).toEqual({ state: "held", because: "unconfirmed" });
    const decision = { verdict: "release", at: START + 10 } as const;
    const again = tellOutside(outside(), { ...held, decision }).run;
    expect(hand(again).orders).toMatchObject([{ uncertain: true }]);
  });

  test("that is gone is told nothing any more", () => {
    const two = tellOutside(tellOutside(outside(), message(1)).run, message(2)).run;
    const gone = ended(handed(two, "msg_1", START).run, START + 1).run;
    expect(gone.messages.map(({ receipt }) => receipt)).toEqual([
      { state: "refused", reason: "the session ended while it was told" },
      { state: "refused", reason: "the session ended before it was told" },
    ]);
    expect(gone.session).toMatchObject({ status: { state: "stopped" }, deletedAt: START + 1 });
  });

  test("that nothing reaches, or that is to be interrupted, is told nothing", () => {
    const silent = outside({
      hooks: false,
      proven: false,
      pane: { server: "/s", id: "%0", address: "a:0.0" },
    });
    expect(() => tellOutside(silent, message(1))).toThrow("nothing takes a message");
    expect(() => tellOutside(outside(), message(1, { mode: "steer" }))).toThrow("cannot be interrupted");
  });

  test("may do all unless it says less", () => {
    const modes = ["default", "plan", "acceptEdits", "auto", "bypassPermissions", "\u001b"];
    expect(modes.map(permissionsOf)).toEqual(["ask", "read-only", "edits", "all", "all", "all"]);
    expect(permissionsOf(undefined)).toBeNull();
  });
});
