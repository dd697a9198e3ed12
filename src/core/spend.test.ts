import { describe, expect, test } from "bun:test";
import { cancel } from "./end.ts";
import { answer } from "./question.ts";
import { after, at, given, gone, pend, question, run, see, turnEnded, waiting } from "./run.fixture.ts";
import { endingOf, type Run } from "./run.ts";
import { checkBudget, spend } from "./spend.ts";
import { withReport } from "./usage.ts";

const BUDGET = { dollars: 4 };
const MONEY = { dollars: 4.1, tokens: 0 };

/** A worker that has used more than it may, and was stopped on that. */
function overspent(from: Run = run({ budget: BUDGET, items: [given("open", "one")] })): Run {
  return pend(spend(from, MONEY, { facts: at(1), pool: null }));
}

/** Its agent is gone, as it was told. */
function letGo(from: Run = overspent()): Run {
  return after({ ...from, orders: [] }, gone("stopped"));
}

describe("what is spent", () => {
  test("is counted for the task and for its attempt", () => {
    const once = spend(run(), { dollars: 1, tokens: 10 }, { facts: at(), pool: null }).run;
    const { task, attempt } = spend(once, { dollars: 0.5, tokens: 5 }, { facts: at(), pool: null }).run;
    expect(task.spent).toEqual({ dollars: 1.5, tokens: 15 });
    expect(attempt.spent).toEqual(task.spent);
    expect(task.status.state).toBe("working");
  });

  test("below the budget asks nobody", () => {
    const { run: spent, orders } = spend(
      run({ budget: BUDGET }),
      { dollars: 3.9, tokens: 1e9 },
      { facts: at(), pool: null },
    );
    expect(orders).toEqual([]);
    expect(spent.questions).toEqual([]);
  });

  test("beyond the budget stops the agent and asks for more, once", () => {
    const { run: over, orders } = spend(run({ budget: BUDGET }), MONEY, { facts: at(1), pool: null });
    expect(orders).toEqual([{ type: "stop", graceMs: 5_000 }]);
    expect(over.session.status.state).toBe("stopping");
    expect(over.task.status).toMatchObject({ state: "input-required", questions: ["qst_1"] });
    expect(over.questions).toMatchObject([
      { via: "budget", text: "It has used $4.10 of $4.00. How much more?" },
    ]);
    const again = spend(over, MONEY, { facts: at(2), pool: null });
    expect(again.orders).toEqual([]);
    expect(again.run.questions).toHaveLength(1);
  });

  test("asks nobody before the agent is up", () => {
    const starting = run({ budget: { timeMs: 1 }, session: { state: "starting" }, conversation: null });
    expect(checkBudget(starting, { facts: at(9), pool: null }).run.questions).toEqual([]);
    const up = run({ budget: { timeMs: 9 } });
    expect(checkBudget(up, { facts: at(8), pool: null }).run.questions).toEqual([]);
    expect(checkBudget(up, { facts: at(9), pool: null }).run.questions).toMatchObject([{ via: "budget" }]);
  });

  test("holds an agent that could not be brought back, and keeps it", () => {
    const { run: over, orders } = spend(run({ budget: BUDGET, conversation: null }), MONEY, {
      facts: at(1),
      pool: null,
    });
    expect(orders).toEqual([{ type: "interrupt", graceMs: 5_000 }]);
    expect(over.session.status.state).toBe("busy");
    const held = after(over, turnEnded("", "cancelled"));
    expect(held.task.status.state).toBe("input-required");
  });

  test("beyond the budget ends nothing that is ending already", () => {
    const canceled = pend(cancel(run({ budget: BUDGET }), at()));
    const { run: over } = spend(canceled, MONEY, { facts: at(1), pool: null });
    expect(endingOf(over.task)).toMatchObject({ state: "canceled" });
    expect(over.questions).toEqual([]);
  });
});

describe("a worker whose budget is used up", () => {
  test("is not brought back before the answer, whatever else it is told", () => {
    const asleep = letGo();
    expect(asleep.session).toMatchObject({ epoch: 1, status: { state: "stopped" } });
    const both = pend(spend(waiting({ parked: false, budget: BUDGET }), MONEY, { facts: at(3), pool: null }));
    const other = pend(answer(letGo(both), "qst_1", "Postgres", at(4)));
    expect(other.session.status.state).toBe("stopped");
  });

  test("goes on in its conversation when it may use more", () => {
    const { run: on, orders } = answer(letGo(), "qst_1", "$2", at(2));
    expect(on.task.budget).toEqual({ dollars: 6.1 });
    expect(on.task.status.state).toBe("working");
    expect(on.session).toMatchObject({ epoch: 2, status: { state: "starting" } });
    expect(orders).toMatchObject([{ type: "prompt", text: expect.stringContaining("You were interrupted") }]);
  });

  test("that is answered before its agent is gone goes on after that", () => {
    const { run: on, orders } = answer(overspent(), "qst_1", "no limit", at(2));
    expect(on.task.budget).toBeNull();
    expect(on.session.epoch).toBe(1);
    const back = see(pend({ run: on, orders }), gone("stopped"));
    expect(back.run.session.epoch).toBe(2);
    expect(back.run.attempt.resumes).toBe(0);
  });

  test("fails for its budget when it is told to stop", () => {
    const stopped = answer(letGo(), "qst_1", "stop", at(2)).run;
    expect(endingOf(stopped.task)).toMatchObject({
      state: "failed",
      reason: "budget",
      message: "it has used $4.10 of $4.00",
    });
  });

  test("keeps its question open when the answer says nothing", () => {
    expect(() => answer(letGo(), "qst_1", "go on", at(2))).toThrow("is no amount");
  });

  test("is done where the report was the last of a turn that left nothing open", () => {
    const done = see(overspent(run({ budget: BUDGET })), turnEnded("All done.")).run;
    expect(endingOf(done.task)).toMatchObject({ state: "completed" });
    expect(done.questions).toMatchObject([{ status: { state: "withdrawn" } }]);
    const open = see(overspent(), turnEnded("More to do.")).run;
    expect(open.task.status.state).toBe("input-required");
    const asks = see(overspent(after(run({ budget: BUDGET }), question("qst_9"))), turnEnded()).run;
    expect(asks.task.status.state).toBe("input-required");
  });
});

describe("a report", () => {
  test("has the tokens of one turn and the cost of the session so far", () => {
    const one = withReport({}, { inputTokens: 100, outputTokens: 20 });
    const two = withReport(one.usage, { inputTokens: 10, outputTokens: 2, contextTokens: 132 });
    expect(two.usage).toEqual({ inputTokens: 110, outputTokens: 22, contextTokens: 132 });
    expect(two.spent).toEqual({ dollars: 0, tokens: 12 });
    const first = withReport(two.usage, { cost: 1.5, currency: "USD" });
    const second = withReport(first.usage, { cost: 2 });
    expect(second.spent).toEqual({ dollars: 0.5, tokens: 0 });
    expect(second.usage.cost).toBe(2);
  });

  test("of a lower cost takes nothing back, and other money is no dollars", () => {
    const { usage, spent } = withReport({ cost: 2 }, { cost: 1 });
    expect(spent.dollars).toBe(0);
    expect(usage.cost).toBe(2);
    expect(withReport({}, { cost: 3, currency: "EUR" }).spent.dollars).toBe(0);
  });
});
