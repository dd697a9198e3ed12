import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { admitted, AGEING_MS, groupOf, type Limits, queueOrder, type Waiting } from "./queue.ts";

const NOW = 10 * AGEING_MS;
const NO_TURNS = { now: NOW, served: new Map<string, number>() };
const FREE: Limits = { total: Infinity, agents: new Map(), sweeps: new Map() };

function waiting(id: string, change: Partial<Waiting> = {}): Waiting {
  const place = Number(id.replace(/\D/g, "")) || 0;
  return {
    id,
    workspace: "wks_1",
    sweep: null,
    agent: "claude",
    priority: "normal",
    since: NOW,
    place,
    ...change,
  };
}

function ids(tasks: readonly Waiting[]): string[] {
  return tasks.map(({ id }) => id);
}

const some = fc
  .array(
    fc.record({
      workspace: fc.constantFrom("wks_1", "wks_2"),
      sweep: fc.constantFrom(null, "swp_1", "swp_2"),
      agent: fc.constantFrom("claude", "codex"),
      priority: fc.constantFrom("high" as const, "normal" as const, "low" as const),
      age: fc.nat(5 * AGEING_MS),
    }),
    { maxLength: 30 },
  )
  .map((list) =>
    list.map(({ age, ...each }, at) => waiting(`t${at}`, { ...each, since: NOW - age, place: at })),
  );

describe("the order of the queue", () => {
  test("is by priority, then by turns of sweeps and workspaces, then by age", () => {
    const list = [
      waiting("a1", { sweep: "swp_1" }),
      waiting("a2", { sweep: "swp_1" }),
      waiting("b3"),
      waiting("b4", { priority: "high" }),
      waiting("b5", { priority: "low" }),
    ];
    expect(ids(queueOrder(list, NO_TURNS))).toEqual(["b4", "a1", "b3", "a2", "b5"]);
    const served = new Map([["swp_1", 7]]);
    expect(ids(queueOrder(list, { now: NOW, served }))).toEqual(["b4", "b3", "a1", "a2", "b5"]);
  });

  test("has every task once", () => {
    fc.assert(
      fc.property(some, (list) => {
        expect(ids(queueOrder(list, NO_TURNS)).sort()).toEqual(ids(list).sort());
      }),
    );
  });

  test("lets none wait for ever: what has waited for two steps is behind nothing that came later to its group", () => {
    fc.assert(
      fc.property(some, (list) => {
        const order = queueOrder(list, NO_TURNS);
        for (const [at, task] of order.entries()) {
          if (NOW - task.since < 2 * AGEING_MS) continue;
          const before = order.slice(0, at).filter((each) => groupOf(each) === groupOf(task));
          expect(before.every((each) => each.since <= task.since)).toBe(true);
        }
      }),
    );
  });

  test("gives every group a turn before one has its second, started one by one", () => {
    fc.assert(
      fc.property(some, (list) => {
        const same = list.map((task) => ({ ...task, priority: "normal" as const, since: NOW }));
        const served = new Map<string, number>();
        const groups = new Set(same.map(groupOf));
        let left = same;
        const turns: string[] = [];
        for (let turn = 0; turn < same.length; turn++) {
          const [first] = queueOrder(left, { now: NOW, served });
          served.set(groupOf(first!), turn);
          turns.push(groupOf(first!));
          left = left.filter(({ id }) => id !== first!.id);
        }
        expect(new Set(turns.slice(0, groups.size)).size).toBe(groups.size);
      }),
    );
  });
});

describe("who starts", () => {
  test("is never more than the limits allow, and nobody who could start is left out", () => {
    const limits = fc.record({ total: fc.integer({ min: 0, max: 12 }), agent: fc.nat(5), sweep: fc.nat(5) });
    fc.assert(
      fc.property(some, some, limits, (order, running, { total, agent, sweep }) => {
        const given = { total, agents: new Map([["claude", agent]]), sweeps: new Map([["swp_1", sweep]]) };
        const started = admitted(order, running, given);
        const all = [...running, ...started];
        const claude = all.filter((each) => each.agent === "claude").length;
        const first = all.filter((each) => each.sweep === "swp_1").length;
        expect(started.length).toBeLessThanOrEqual(Math.max(0, total - running.length));
        if (started.some((each) => each.agent === "claude")) expect(claude).toBeLessThanOrEqual(agent);
        if (started.some((each) => each.sweep === "swp_1")) expect(first).toBeLessThanOrEqual(sweep);
        const left = order.filter((each) => !started.includes(each));
        for (const each of left)
          expect(
            all.length >= total ||
              (each.agent === "claude" && claude >= agent) ||
              (each.sweep === "swp_1" && first >= sweep),
          ).toBe(true);
      }),
    );
  });

  test("keeps the order", () => {
    fc.assert(
      fc.property(some, (order) => {
        const started = admitted(order, [], { ...FREE, total: 5, agents: new Map([["codex", 1]]) });
        expect(order.filter((each) => started.includes(each))).toEqual(started);
      }),
    );
  });
});
