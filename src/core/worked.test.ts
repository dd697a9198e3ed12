import { describe, expect, test } from "bun:test";
import { cancel } from "./end.ts";
import { parkAt, unpark } from "./limit.ts";
import { answer } from "./question.ts";
import { after, at, gatedCall, judging, question, run, START } from "./run.fixture.ts";
import { decide } from "./approval.ts";
import { observe } from "./observe.ts";
import type { Run } from "./run.ts";
import { usedBy, withWait, workedMs } from "./worked.ts";

/** The milliseconds that were worked of the first `ms` of a run. */
function worked({ attempt }: Run, ms: number): number {
  return workedMs([attempt], START + ms);
}

describe("waiting is no work", () => {
  const asked = withWait(after(run(), question("qst_1")), START + 10);

  test("for an answer", () => {
    expect(worked(asked, 1_000)).toBe(10);
    const on = withWait(answer(asked, "qst_1", "Postgres", at(500)).run, START + 500);
    expect(worked(on, 600)).toBe(110);
    expect(on.attempt).toMatchObject({ waitingSince: null, waitedMs: 490 });
  });

  test("for an approval, also beside an answer", () => {
    const gated = (before: Run, id: `apr_${string}`, ms: number) => {
      const record = { seq: 1, epoch: 1, at: START + ms, event: gatedCall(id) };
      return withWait(observe(before, record, judging(before, at(ms))).run, START + ms);
    };
    const both = gated(asked, "apr_1", 100);
    const answered = withWait(answer(both, "qst_1", "Postgres", at(200)).run, START + 200);
    const decided = { verdict: "allow", grant: "once" } as const;
    const on = withWait(decide(answered, "apr_1", decided, at(300)).run, START + 300);
    expect(worked(answered, 300)).toBe(10);
    expect(worked(on, 350)).toBe(60);
  });

  test("for the end of a limit", () => {
    const limit = { kind: "usage", resetsAt: null } as const;
    const parked = withWait(parkAt(run(), { limit, message: "limit" }, at(20)).run, START + 20);
    const on = withWait(unpark(parked, "go on", at(400)).run, START + 400);
    expect(worked(on, 500)).toBe(120);
  });

  test("also when it ends there", () => {
    const canceled = withWait(cancel(asked, at(700)).run, START + 700);
    expect(worked({ ...canceled, attempt: { ...canceled.attempt, endedAt: START + 700 } }, 900)).toBe(10);
  });

  test("and a task works in all of its attempts", () => {
    expect(usedBy({ ...asked, earlierMs: 5_000 }, START + 40)).toEqual({
      dollars: 0,
      tokens: 0,
      timeMs: 5_010,
    });
  });
});
