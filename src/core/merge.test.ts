import { expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, func, nat, property, record } from "fast-check";
import type { Merge, MergeConflict, MergeStatus } from "../protocol/merge.ts";
import { cancelMerge, handedIn, isSettled, lanesOf, MAX_HANDBACKS, nextMerges, troubled } from "./merge.ts";
import { run } from "./run.fixture.ts";

const CONFLICT: MergeConflict = { kind: "conflict", onto: "c0ffee", files: ["a"], ours: [], theirs: [] };

function merge(change: Partial<Merge> = {}): Merge {
  return {
    id: "mrg_00000000000000000000000001",
    task: run().task.id,
    slug: "one",
    repository: "/repo/.git",
    target: "main",
    also: [],
    handback: true,
    handbacks: 0,
    status: { state: "waiting", since: 1 },
    createdAt: 1,
    ...change,
  };
}

const FURTHER: Merge["also"][] = [
  [],
  [{ name: "c", repository: "/c", target: "main" }],
  [{ name: "b", repository: "/b", target: "next" }],
];

const MERGE = record({
  repository: constantFrom("/a", "/b"),
  target: constantFrom("main", "next"),
  also: constantFrom(...FURTHER),
  state: constantFrom("waiting" as const, "rebasing" as const, "resolving" as const),
  createdAt: nat(),
}).map(({ state, ...place }) => {
  const status: MergeStatus =
    state === "resolving" ? { state, since: 1, trouble: CONFLICT } : { state, since: 1 };
  return merge({ ...place, status });
});

test("no two merges of a lane are worked on, and exactly those begin that wait for none before them", () => {
  assert(
    property(array(MERGE), array(MERGE), func(boolean()), (open, working, atRest) => {
      const atWork = new Set(working.flatMap(lanesOf));
      const next = nextMerges(open, { atWork, atRest });
      const taken = next.flatMap((each) => [...new Set(lanesOf(each))]);
      expect(new Set(taken).size).toBe(taken.length);
      const ready = open.filter((each) => each.status.state !== "resolving" && atRest(each));
      const mayBegin = ready.filter((each, at) => {
        const before = new Set([...atWork, ...ready.slice(0, at).flatMap(lanesOf)]);
        return lanesOf(each).every((lane) => !before.has(lane));
      });
      expect(next).toEqual(mayBegin);
    }),
  );
});

test("a worker gets its merge back so often, and only where it may and can", () => {
  let at = merge();
  for (let time = 1; time <= MAX_HANDBACKS; time++) {
    const back = troubled(at, CONFLICT, { canResolve: true, now: 2 });
    expect(back).toMatchObject({ status: { state: "resolving", trouble: CONFLICT }, handbacks: time });
    at = handedIn(
      back,
      run({ status: { state: "completed", since: 3, result: { summary: "", files: [] } } }).task,
      3,
    );
    expect(at.status).toEqual({ state: "waiting", since: 3 });
  }
  for (const ended of [
    troubled(at, CONFLICT, { canResolve: true, now: 4 }),
    troubled(merge(), CONFLICT, { canResolve: false, now: 4 }),
    troubled(merge({ handback: false }), CONFLICT, { canResolve: true, now: 4 }),
  ])
    expect(ended.status).toEqual({ state: "conflict", since: 4, trouble: CONFLICT });
});

test("a worker that fails at it leaves the merge as it stood", () => {
  const back = troubled(merge(), CONFLICT, { canResolve: true, now: 2 });
  const after = handedIn(back, run({ status: { state: "canceled", since: 3, result: null } }).task, 3);
  expect(after.status).toEqual({ state: "conflict", since: 3, trouble: CONFLICT });
});

test("what is over is not cancelled", () => {
  const canceled = cancelMerge(merge(), 2);
  expect(isSettled(canceled)).toBe(true);
  expect(() => cancelMerge(canceled, 3)).toThrow("is over: canceled");
});
