import { describe, expect, test } from "bun:test";
import { decide } from "./approval.ts";
import type { Run } from "./run.ts";
import { after, at, call, gatedCall, gone, pend, question, run, see, turnEnded } from "./run.fixture.ts";
import { cancel } from "./end.ts";
import { rule } from "./policy.fixture.ts";

const ONCE = { verdict: "allow", grant: "once" } as const;
const APPLIED = { type: "approval_applied", approval: "apr_1", verdict: "allow" } as const;

function stateOf({ approvals }: Run, id = "apr_1"): string | undefined {
  return approvals.find((each) => each.id === id)?.status.state;
}

describe("a gated call", () => {
  test("waits for a person where the preset does not say", () => {
    const { run: next, orders } = see(run(), gatedCall("apr_1"));
    expect(orders).toEqual([]);
    expect(stateOf(next)).toBe("open");
    expect(next.session.status).toEqual({ state: "busy", waiting: "approval" });
    expect(next.task.status.state).toBe("working");
  });

  test.each([
    ["read-only", call("edit", "/repo/a.ts"), "deny"],
    ["edits", call("edit", "/repo/a.ts"), "allow"],
    ["all", call("execute"), "allow"],
  ] as const)("is decided by the preset %s", (permissions, gated, verdict) => {
    const { run: next, orders } = see(run({ permissions }), gatedCall("apr_1", gated));
    expect(orders).toEqual([{ type: "decide", approval: "apr_1", verdict }]);
    expect(next.approvals[0]!.status).toMatchObject({ state: "decided", by: "policy", verdict });
    expect(next.session.status).toEqual({ state: "busy", waiting: null });
  });

  test("is denied once the outcome is decided", () => {
    const { orders } = see(pend(cancel(run(), at())), gatedCall("apr_1"));
    expect(orders).toEqual([{ type: "decide", approval: "apr_1", verdict: "deny" }]);
  });
});

describe("a decision", () => {
  test("goes to the host, and is applied when the agent was told", () => {
    const asked = after(run(), gatedCall("apr_1"));
    const { run: decided, orders } = decide(asked, "apr_1", { ...ONCE, reason: "looks fine" }, at(7));
    expect(orders).toEqual([{ type: "decide", approval: "apr_1", verdict: "allow" }]);
    expect(decided.approvals[0]!.status).toEqual({
      state: "decided",
      ...ONCE,
      by: "person",
      reason: "looks fine",
      at: at(7).now,
    });
    expect(decided.session.status).toEqual({ state: "busy", waiting: null });
    expect(stateOf(after(decided, APPLIED))).toBe("applied");
  });

  test("is made once: the second is told the first", () => {
    const decided = decide(after(run(), gatedCall("apr_1")), "apr_1", ONCE, at()).run;
    for (const each of [decided, after(decided, APPLIED)])
      expect(() => decide(each, "apr_1", { verdict: "deny", grant: "once" }, at())).toThrow(
        expect.objectContaining({ code: "conflict", message: "already decided: allowed" }),
      );
  });

  test("on what is not there is refused", () => {
    expect(() => decide(run(), "apr_9", ONCE, at())).toThrow(expect.objectContaining({ code: "not_found" }));
  });

  test("leaves the session waiting for the other call, or for the open question", () => {
    const two = decide(after(run(), gatedCall("apr_1"), gatedCall("apr_2")), "apr_1", ONCE, at()).run;
    expect(two.session.status).toEqual({ state: "busy", waiting: "approval" });
    const asked = decide(after(run(), question("qst_1"), gatedCall("apr_1")), "apr_1", ONCE, at()).run;
    expect(asked.session.status).toEqual({ state: "busy", waiting: "question" });
  });

  test("for once does not hold for the next call", () => {
    const decided = decide(after(run(), gatedCall("apr_1")), "apr_1", ONCE, at()).run;
    expect(stateOf(after(decided, gatedCall("apr_2")), "apr_2")).toBe("open");
  });

  test("keeps the rules that its grant made", () => {
    const decision = { verdict: "allow", grant: "session", rules: ["rul_1"] } as const;
    const decided = decide(
      after(run(), gatedCall("apr_1")),
      "apr_1",
      { ...decision, rules: ["rul_1"] },
      at(),
    ).run;
    expect(decided.approvals[0]!.status).toMatchObject(decision);
  });

  test("of the policy says what it went by", () => {
    const allow = rule("allow", { tool: "execute", path: "/repo" });
    const { run: next } = see(
      run(),
      gatedCall("apr_1", { ...call("read", "/repo/a"), tool: "execute" }),
      at(),
      allow,
    );
    const because = "a rule: allow /repo, tool execute";
    expect(next.approvals[0]!.status).toMatchObject({
      by: "policy",
      verdict: "allow",
      because,
      rules: [allow.id],
    });
  });
});

describe("when the agent dies", () => {
  test("an open approval is withdrawn, and the same call of the next agent asks again under its id", () => {
    const dead = after(run(), gatedCall("apr_1"), gone("crashed"));
    expect(stateOf(dead)).toBe("withdrawn");
    expect(() => decide(dead, "apr_1", ONCE, at())).toThrow(expect.objectContaining({ code: "conflict" }));
    const again = see(dead, gatedCall("apr_1"), at(99)).run;
    expect(again.approvals).toMatchObject([{ id: "apr_1", epoch: 2, askedAt: at().now }]);
    expect(stateOf(again)).toBe("open");
  });

  test("a decision that was not applied is carried over", () => {
    const decided = decide(after(run(), gatedCall("apr_1")), "apr_1", ONCE, at()).run;
    const dead = after(decided, gone("lost"));
    expect(stateOf(dead)).toBe("decided");
    expect(see(dead, gatedCall("apr_1")).orders).toEqual([
      { type: "decide", approval: "apr_1", verdict: "allow" },
    ]);
  });

  test("a carried allow does not outlive a cancel", () => {
    const decided = decide(after(run(), gatedCall("apr_1")), "apr_1", ONCE, at()).run;
    const canceled = pend(cancel(after(decided, gone("lost")), at()));
    expect(see(canceled, gatedCall("apr_1")).orders).toMatchObject([{ verdict: "deny" }]);
  });
});

test("a call that is taken back waits for nobody", () => {
  const next = after(run(), gatedCall("apr_1"), { type: "approval_withdrawn", approval: "apr_1" });
  expect(stateOf(next)).toBe("withdrawn");
  expect(next.session.status).toEqual({ state: "busy", waiting: null });
});

test("a decision on its way does not keep a turn from ending", () => {
  const decided = pend(decide(after(run(), gatedCall("apr_1")), "apr_1", ONCE, at()));
  expect(after(decided, turnEnded()).task.status).toMatchObject({ ending: { state: "completed" } });
});

test("an end withdraws what is open", () => {
  expect(stateOf(cancel(after(run(), gatedCall("apr_1")), at()).run)).toBe("withdrawn");
});
