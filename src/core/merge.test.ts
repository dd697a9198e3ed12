import { expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, func, nat, property, record } from "fast-check";
import type { Merge, MergeConflict, MergeStatus } from "../protocol/merge.ts";
import { cancelMerge, handedIn, isSettled, laneOf, MAX_HANDBACKS, nextMerges, troubled } from "./merge.ts";
import { run } from "./run.fixture.ts";

const CONFLICT: MergeConflict = { kind: "conflict", onto: "c0ffee", files: ["a"], ours: [], theirs: [] };

function merge(change: Partial<Merge> = {}): Merge {
  return {
    id: "mrg_00000000000000000000000001",
    task: run().task.id,
    slug: "one",
    repository: "/repo/.git",
    target: "main",
    handback: true,
    handbacks: 0,
    status: { state: "waiting", since: 1 },
    createdAt: 1,
    ...change,
  };
}

const MERGE = record({
  repository: constantFrom("/a", "/b"),
  target: constantFrom("main", "next"),
  state: constantFrom("waiting" as const, "rebasing" as const, "resolving" as const),
  createdAt: nat(),
}).map(({ state, ...place }) => {
  const status: MergeStatus =
    state === "resolving" ? { state, since: 1, trouble: CONFLICT } : { state, since: 1 };
  return merge({ ...place, status });
});

test("at most one merge of a lane is worked on, it is the first that can be, and no lane waits for another", () => {
  assert(
    property(array(MERGE), array(MERGE), func(boolean()), (open, working, atRest) => {
      const atWork = new Set(working.map(laneOf));
      const next = nextMerges(open, { atWork, atRest });
      expect(new Set(next.map(laneOf)).size).toBe(next.length);
      const free = open.filter(
        (each) => each.status.state !== "resolving" && atRest(each) && !atWork.has(laneOf(each)),
      );
      for (const lane of new Set(free.map(laneOf)))
        expect(next).toContain(free.find((each) => laneOf(each) === lane)!);
      expect(next.every((each) => free.includes(each))).toBe(true);
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
