import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { ancestorsOf, edgesOf, graphFaults, type Node } from "./graph.ts";

function node(name: string | null, ...after: string[]): Node {
  return { name, after };
}

test("a list without circles has no fault, and unknown names are left to the store", () => {
  expect(graphFaults([node("a"), node("b", "a"), node("c", "a", "b"), node(null, "older", "c")])).toEqual([]);
});

test("every fault is told at its task", () => {
  expect(
    graphFaults([node("a", "c"), node("b", "a"), node("c", "b"), node("d", "d"), node("a"), node("e", "a")]),
  ).toEqual([
    { at: 4, message: "the name a is taken by another task" },
    { at: 3, message: "it cannot come after itself" },
    { at: 0, message: "it waits for itself: a → c → b → a" },
  ]);
});

test("a circle is found in every graph that has one, and in no other", () => {
  const names = ["a", "b", "c", "d", "e"];
  const graph = fc.array(fc.subarray(names), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(graph, (lists) => {
      const nodes = lists.map((after, at) => node(names[at]!, ...after.filter((name) => name !== names[at])));
      const edges = edgesOf(nodes);
      const reach = (from: number, seen = new Set<number>()): Set<number> => {
        for (const next of edges[from]!)
          if (!seen.has(next)) {
            seen.add(next);
            reach(next, seen);
          }
        return seen;
      };
      const circular = nodes.some((_, at) => reach(at).has(at));
      expect(graphFaults(nodes).length > 0).toBe(circular);
      if (!circular) expect(ancestorsOf(edges)).toEqual(nodes.map((_, at) => reach(at)));
    }),
  );
});

test("a chain of many tasks is no burden", () => {
  const chain = Array.from({ length: 500 }, (_, at) => node(`t${at}`, ...(at > 0 ? [`t${at - 1}`] : [])));
  expect(graphFaults(chain)).toEqual([]);
  expect(graphFaults([...chain.slice(1), node("t0", "t499")])).toHaveLength(1);
});
