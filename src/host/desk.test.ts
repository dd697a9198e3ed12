import { beforeEach, describe, expect, test } from "bun:test";
import type { Plan } from "../protocol/plan.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { Desk } from "./desk.ts";

const TASK = {
  plan: { items: [], notes: [] } as Plan,
  change(by: (plan: Plan) => Plan) {
    this.plan = by(this.plan);
  },
};

let events: TranscriptEvent[];
beforeEach(() => {
  events = [];
});

function desk(askWaitMs: number): Desk {
  return new Desk({ ...TASK }, (event) => events.push(event), { askWaitMs });
}

function questions() {
  return events.filter((event) => event.type === "question");
}

const ASK = { tool: "ask" as const, question: "which?", options: [] };
const HOUR_MS = 3_600_000;

describe("a question", () => {
  test("is answered to whoever waits for it", async () => {
    const one = desk(HOUR_MS);
    const answers = [one.call(ASK), one.call(ASK)];
    expect(questions()).toHaveLength(1);
    expect(one.answer(questions()[0]!.question, "this one")).toBeTrue();
    expect(await Promise.all(answers)).toEqual(["this one", "this one"]);
  });

  test("is parked when nobody answers, and keeps its id when it is asked again", async () => {
    const one = desk(1);
    const { signal } = new AbortController();
    expect(await one.serve(ASK, signal)).toMatchObject({
      type: "parked",
      text: expect.stringContaining("next message"),
    });
    expect((await one.serve(ASK, signal)).type).toBe("parked");
    expect(questions()).toHaveLength(1);
    expect(one.answer(questions()[0]!.question, "too late")).toBeFalse();
    void one.serve(ASK, signal);
    expect(questions()).toHaveLength(2);
  });

  test("whose caller is gone has nobody to take the answer", async () => {
    const one = desk(HOUR_MS);
    const caller = new AbortController();
    const reply = one.serve(ASK, caller.signal);
    caller.abort();
    expect(one.answer(questions()[0]!.question, "hello?")).toBeFalse();
    expect((await reply).type).toBe("parked");
  });
});
