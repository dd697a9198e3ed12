import { describe, expect, test } from "bun:test";
import { answer } from "./question.ts";
import {
  after,
  answered,
  at,
  given,
  gone,
  pend,
  question,
  run,
  see,
  turnEnded,
  waiting,
} from "./run.fixture.ts";
import { cancel } from "./end.ts";

describe("a question", () => {
  test("makes its task wait for a person, and says so of its session", () => {
    const asked = see(run(), question("qst_1"), at(10)).run;
    expect(asked.task.status).toEqual({
      state: "input-required",
      since: at(10).now,
      questions: ["qst_1"],
      ending: null,
    });
    expect(asked.session.status).toEqual({ state: "busy", waiting: "question" });
    expect(asked.questions).toMatchObject([{ id: "qst_1", attempt: 1, status: { state: "open" } }]);
  });

  test("is not doubled by a repeat, and a second one joins it", () => {
    const asked = after(run(), question("qst_1"), question("qst_1"), question("qst_2"));
    expect(asked.task.status).toMatchObject({ questions: ["qst_1", "qst_2"] });
  });

  test("keeps its task waiting when the turn ends, without a reminder", () => {
    const { run: ended, orders } = see(after(run(), question("qst_1")), turnEnded());
    expect(orders).toEqual([]);
    expect(ended.task.status.state).toBe("input-required");
    expect(ended.session.status).toEqual({ state: "ready" });
  });

  test("keeps its task waiting even when the turn ends with an error", () => {
    const ended = after(run(), question("qst_1"), turnEnded("", "error"));
    expect(ended.task.status.state).toBe("input-required");
  });

  test("of a worker that had ended its turn makes its task wait, and joins one that was open", () => {
    const reminded = after(run({ items: [given("open", "one")] }), turnEnded(), question("qst_1"));
    expect(reminded.task.status.state).toBe("input-required");
    const joined = after(waiting({ parked: false }), question("qst_2"));
    expect(joined.task.status).toMatchObject({ state: "input-required", questions: ["qst_1", "qst_2"] });
  });

  test("is not opened once the outcome is decided", () => {
    const ended = after(run(), turnEnded(), question("qst_1"));
    expect(ended.questions).toEqual([]);
    expect(ended.task.status).toMatchObject({ state: "working", ending: { state: "completed" } });
  });
});

describe("an answer", () => {
  test("goes back the way the question came, and as the next turn where that is closed", () => {
    const { run: next, orders } = answer(waiting({ parked: false }), "qst_1", "Postgres", at());
    expect(orders).toMatchObject([{ type: "answer", question: "qst_1", text: "Postgres" }]);
    expect(orders[0]).toHaveProperty("prompt", expect.stringContaining("Which database?"));
    expect(next.task.status.state).toBe("working");
    expect(next.questions[0]!.status).toEqual({ state: "answered", text: "Postgres", at: at().now });
  });

  test("is given once: the second is told the first", () => {
    expect(() => answer(answered(waiting({ parked: false })), "qst_1", "MySQL", at())).toThrow(
      expect.objectContaining({ code: "conflict", message: "already answered: Postgres" }),
    );
  });

  test("to a question that is not there is refused", () => {
    expect(() => answer(run(), "qst_9", "x", at())).toThrow(expect.objectContaining({ code: "not_found" }));
  });

  test("to one of two questions leaves the task waiting for the other", () => {
    const both = after(waiting({ parked: false }), question("qst_2"));
    expect(answered(both).task.status).toMatchObject({ state: "input-required", questions: ["qst_2"] });
  });

  test("brings back an agent that is gone, in its next epoch and its own conversation", () => {
    const { session } = answered(waiting({ parked: true }));
    expect(session).toMatchObject({
      epoch: 2,
      status: { state: "starting" },
      conversation: "conversation-1",
    });
  });

  test("brings it back once, however many answers come", () => {
    const both = after(waiting({ parked: false }), question("qst_2"), gone("lost"));
    const first = answered(both);
    expect(answer(first, "qst_2", "Yes", at()).run.session.epoch).toBe(2);
  });
});

describe("a withdrawn question", () => {
  const withdrawn = { type: "question_withdrawn", question: "qst_1" } as const;

  test("lets its worker go on", () => {
    const next = after(run(), question("qst_1"), withdrawn);
    expect(next.task.status.state).toBe("working");
    expect(next.session.status).toEqual({ state: "busy", waiting: null });
  });

  test("cannot be answered, and stays withdrawn", () => {
    const next = after(run(), question("qst_1"), withdrawn, question("qst_1"));
    expect(() => answer(next, "qst_1", "x", at())).toThrow(expect.objectContaining({ code: "conflict" }));
    expect(next.task.status.state).toBe("working");
  });

  test("that was answered before stays answered", () => {
    expect(after(answered(waiting({ parked: false })), withdrawn).questions[0]!.status.state).toBe(
      "answered",
    );
  });

  test("of a worker that ended its turn is the end of that turn", () => {
    const { run: next, orders } = see(waiting({ parked: false }), withdrawn);
    expect(next.task.status).toMatchObject({ ending: { state: "completed" } });
    expect(orders).toMatchObject([{ type: "stop" }]);
  });

  test("is what every open one becomes when its run ends", () => {
    const ended = pend(cancel(waiting({ parked: false }), at()));
    expect(ended.questions[0]!.status.state).toBe("withdrawn");
    expect(() => answer(ended, "qst_1", "x", at())).toThrow(expect.objectContaining({ code: "conflict" }));
  });
});
