import { describe, expect, test } from "bun:test";
import type { TaskStatus } from "../protocol/task.ts";
import type { StartFailure } from "../protocol/transcript.ts";
import { resumePrompt } from "./prompt.ts";
import { CANCEL_GRACE_MS, type Run, endingOf, isEnded } from "./run.ts";
import {
  after,
  answered,
  at,
  call,
  type EventOf,
  finish,
  gatedCall,
  given,
  gone,
  judging,
  own,
  pend,
  plan,
  question,
  run,
  see,
  submitted,
  turnEnded,
  waiting,
} from "./run.fixture.ts";
import { cancel, conclude, fail, park } from "./end.ts";
import { MAX_RESUMES } from "./epoch.ts";
import { MAX_FLAGS, observe } from "./observe.ts";
import { again, begin, neverStarted, note } from "./task.ts";
import { MAX_NUDGES } from "./turn.ts";

const STOP = { type: "stop", graceMs: CANCEL_GRACE_MS } as const;
const STOPPING = { state: "stopping", again: false } as const;
const LATE = { reason: "timeout", message: "not done after 1 h" } as const;
const CONVERSATION: EventOf<"conversation"> = {
  type: "conversation",
  id: "c",
  resumed: false,
  resumable: true,
  models: [],
};

describe("an attempt begins", () => {
  const { run: begun, orders } = begin(submitted(), "Fix the login.", at(3));

  test("with the first epoch of its session and its first prompt", () => {
    expect(begun.task.status).toEqual({ state: "working", since: at(3).now, ending: null });
    expect(begun.attempt).toMatchObject({ session: "ses_1", startedAt: at(3).now });
    expect(begun.session).toMatchObject({ epoch: 1, status: { state: "starting" } });
    expect(orders).toEqual([{ type: "prompt", text: "Fix the login." }]);
  });

  test("and its agent is ready, then busy", () => {
    const ready = after(begun, CONVERSATION);
    expect(ready.session).toMatchObject({ conversation: "c", status: { state: "ready" } });
    expect(after(ready, { type: "turn_started", prompt: "…" }).session.status.state).toBe("busy");
  });

  test("an agent that cannot resume leaves no conversation", () => {
    expect(after(begun, { ...CONVERSATION, resumable: false }).session.conversation).toBeNull();
  });

  test.each([
    ["missing", "setup", "dispatch doctor"],
    ["login", "setup", "dispatch doctor"],
    ["model", "setup", "dispatch retry fix-login --model <name>"],
    ["protocol", "setup", "dispatch logs fix-login"],
    ["timeout", "setup", "dispatch logs fix-login"],
    ["crashed", "setup", "dispatch logs fix-login"],
    ["resume", "lost", "dispatch retry fix-login"],
  ] satisfies [StartFailure, string, string][])(
    "or fails where its agent cannot start (%s): %s",
    (cause, reason, hint) => {
      const failed = after(begun, { type: "start_failed", reason: cause, message: "why" }, gone("crashed"));
      expect(endingOf(failed.task)).toMatchObject({ state: "failed", reason, message: "why", hint });
      expect(failed.session).toMatchObject({ epoch: 1, status: { state: "stopped" } });
    },
  );

  test("or never: its setup failed, or it was cancelled in the queue", () => {
    const { task, attempt } = submitted();
    const outcome = { state: "canceled", result: null } as const;
    const ended = neverStarted(task, attempt, outcome, 7);
    expect(ended.task.status).toEqual({ ...outcome, since: 7 });
    expect(ended.attempt).toMatchObject({ endedAt: 7, outcome });
  });
});

describe("a turn ends", () => {
  test("with nothing open: completed, the agent is stopped, and it is told when nothing is left", () => {
    const { run: ended, orders } = see(run({ items: [given("done", "one")] }), turnEnded("Fixed."));
    const completed = { state: "completed", result: { summary: "Fixed.", files: [] } } as const;
    expect(orders).toEqual([STOP]);
    expect(ended.session.status).toEqual({ ...STOPPING, why: "asked" });
    expect(ended.task.status).toMatchObject({ state: "working", ending: completed });
    const { task, attempt } = conclude(after(ended, gone("stopped")), ["login.ts"], at(9));
    const result = { summary: "Fixed.", files: ["login.ts"] };
    expect(task.status).toEqual({ state: "completed", result, since: at(9).now });
    expect(attempt).toMatchObject({ endedAt: at(9).now, outcome: { state: "completed", result } });
  });

  test("after `finish`: its summary counts", () => {
    const ended = after(run(), finish("It is fixed."), turnEnded("bye"));
    expect(endingOf(ended.task)).toMatchObject({ result: { summary: "It is fixed." } });
  });

  test("with open items: they are named, as often as the limit says, then it is incomplete", () => {
    let next = run({ items: [given("done", "one"), given("open", "two")] });
    for (let nudges = 1; nudges <= MAX_NUDGES; nudges++) {
      const nudged = see(next, turnEnded());
      expect(nudged.orders).toMatchObject([{ type: "prompt", text: expect.stringContaining("- two") }]);
      expect(nudged.run.attempt.nudges).toBe(nudges);
      next = nudged.run;
    }
    const { run: ended, orders } = see(next, turnEnded());
    expect(orders).toEqual([STOP]);
    expect(endingOf(ended.task)).toMatchObject({
      state: "failed",
      reason: "incomplete",
      message: "1 of 2 items are still open, first: two",
      hint: "dispatch retry fix-login",
      result: { summary: "All done." },
    });
  });

  test("with open items of its own only: it is reminded, but they do not fail it", () => {
    const items = [given("done", "one"), own("open", "polish")];
    expect(see(run({ items }), turnEnded()).orders).toMatchObject([{ type: "prompt" }]);
    const ended = after(run({ items, attempt: { nudges: MAX_NUDGES } }), turnEnded());
    expect(endingOf(ended.task)).toMatchObject({ state: "completed" });
  });

  test("with a blocked item: its text and notes become a question, answered by the next turn", () => {
    const items = [given("blocked", "Deploy", "Which host?"), given("open", "Tell"), given("error", "Log")];
    const { run: asked, orders } = see(run({ items }), turnEnded(), at(4));
    expect(orders).toEqual([]);
    expect(asked.task.status).toMatchObject({ state: "input-required", questions: ["qst_4"] });
    expect(asked.questions[0]).toMatchObject({ via: "plan", text: "Deploy\nWhich host?" });
  });

  test("with a failed item: failed with its text, without a reminder", () => {
    const items = [given("error", "Build", "no compiler"), given("open", "Test")];
    expect(endingOf(after(run({ items }), turnEnded()).task)).toMatchObject({
      state: "failed",
      reason: "agent-error",
      message: "Build: no compiler",
    });
  });

  test("with an error of the agent", () => {
    const failed = after(run(), { type: "turn_ended", end: "error", said: "", message: "quota" });
    expect(endingOf(failed.task)).toMatchObject({ state: "failed", reason: "agent-error", message: "quota" });
    const silent = after(run(), turnEnded("", "error"));
    expect(endingOf(silent.task)).toMatchObject({ message: "the agent failed" });
  });

  test("with the word that there is no such model", () => {
    const failed = after(run(), turnEnded("", "model"));
    const hint = "dispatch retry fix-login --model <name>";
    expect(endingOf(failed.task)).toMatchObject({ reason: "setup", hint, unusable: "model" });
  });

  test("with the word that nobody is logged in: another try alone is no help", () => {
    const failed = after(run(), turnEnded("", "login"));
    expect(endingOf(failed.task)).toMatchObject({
      reason: "setup",
      hint: "dispatch doctor",
      unusable: "agent",
    });
  });

  test("because a call was rejected, or the agent was interrupted: the plan still decides", () => {
    const cut = see(run({ items: [given("open", "one")] }), turnEnded("", "cancelled"));
    expect(cut.orders).toMatchObject([{ type: "prompt" }]);
  });

  test("while a message waits: the next turn decides", () => {
    const { run: next, orders } = see(pend(note(run(), "And the tests.")), turnEnded());
    expect(orders).toEqual([]);
    expect(next.task.status).toMatchObject({ state: "working", ending: null });
    expect(next.session.status).toEqual({ state: "ready" });
  });
});

describe("a live run", () => {
  test("keeps its plan as the worker left it", () => {
    const changed = plan(given("done", "one"));
    expect(after(run(), { type: "plan", plan: changed }).task.plan).toBe(changed);
  });

  test("raises each flag once, and goes on", () => {
    const flag = { type: "flag", flag: "flg_1", text: "The disk is full." } as const;
    const flagged = after(run(), flag, flag);
    expect(flagged.flags).toMatchObject([{ id: "flg_1", text: "The disk is full.", seenAt: null }]);
    expect(flagged.task.status.state).toBe("working");
    const flood = Array.from({ length: 2 * MAX_FLAGS }, (_, n) => ({ ...flag, flag: `flg_${n}` as const }));
    expect(after(run(), ...flood).flags).toHaveLength(MAX_FLAGS);
  });

  test("is unmoved by what it only shows", () => {
    const before = run();
    expect(see(before, { type: "text", text: "Hm." })).toEqual({ run: before, orders: [] });
  });

  test("takes a note", () => {
    expect(note(run(), "Use tabs.").orders).toMatchObject([{ type: "note", text: "Use tabs." }]);
  });

  test("takes a note while it waits for a person, and goes on waiting", () => {
    const noted = note(waiting({ parked: false }), "Use tabs.");
    expect(noted.orders).toMatchObject([{ type: "note" }]);
    expect(noted.run.task.status.state).toBe("input-required");
  });

  test("is brought back for a note when its agent was let go", () => {
    const { session, task } = note(waiting({ parked: true }), "Use tabs.").run;
    expect(session).toMatchObject({ epoch: 2, status: { state: "starting" } });
    expect(task.status.state).toBe("input-required");
  });

  test("takes none once its outcome is decided", () => {
    expect(() => note(after(run(), turnEnded()), "Wait!")).toThrow(
      expect.objectContaining({ code: "conflict", hint: "dispatch retry fix-login" }),
    );
  });
});

describe("a cancel", () => {
  const canceled = { state: "canceled", result: null } as const;

  test("stops the agent; it is told when nothing is left", () => {
    const { run: next, orders } = cancel(run(), at());
    expect(orders).toEqual([STOP]);
    expect(next.task.status).toMatchObject({ state: "working", ending: canceled });
    expect(conclude(after(next, gone("stopped")), [], at(2)).task.status).toEqual({
      ...canceled,
      since: at(2).now,
    });
  });

  test("of what is being cancelled changes nothing", () => {
    const once = pend(cancel(run(), at()));
    expect(cancel(once, at(5))).toEqual({ run: once, orders: [] });
  });

  test("comes too late for a decided outcome", () => {
    const done = after(run(), turnEnded());
    expect(cancel(done, at())).toEqual({ run: done, orders: [] });
  });

  test("loses to a finish that was logged before", () => {
    const next = pend(cancel(after(run(), finish()), at()));
    expect(endingOf(next.task)).toMatchObject({ state: "completed", result: { summary: "It is fixed." } });
  });

  test("loses to a finish that was logged before it reached the host", () => {
    const next = after(pend(cancel(run(), at())), finish(), turnEnded("", "cancelled"), gone("stopped"));
    expect(endingOf(next.task)).toMatchObject({ state: "completed", result: { summary: "It is fixed." } });
  });

  test.each([
    ["an open item", given("open", "one")],
    ["a failed item", given("error", "one")],
    ["a blocked item", given("blocked", "one")],
  ])("wins over a finish with %s, whichever came first", (_, item) => {
    const finished = pend(cancel(after(run({ items: [item] }), finish()), at()));
    expect(endingOf(finished.task)).toMatchObject({ state: "canceled", result: { summary: "It is fixed." } });
    const late = after(pend(cancel(run({ items: [item] }), at())), finish());
    expect(endingOf(late.task)).toMatchObject({ state: "canceled" });
  });

  test("of a task whose agent was let go needs no agent", () => {
    const { run: next, orders } = cancel(waiting({ parked: true }), at());
    expect(orders).toEqual([]);
    expect(next).toMatchObject({ session: { epoch: 1, status: { state: "stopped" } } });
    expect(endingOf(next.task)).toEqual(canceled);
  });

  test("while the agent is let go ends the run with it", () => {
    const parking = pend(park(waiting({ parked: false })));
    const next = after(pend(cancel(parking, at())), gone("stopped"));
    expect(endingOf(next.task)).toEqual(canceled);
    expect(next.session).toMatchObject({ epoch: 1, status: { state: "stopped" } });
  });

  test("leaves the session stopping, whatever its agent still says", () => {
    const events = [CONVERSATION, { type: "turn_started", prompt: "…" } as const, turnEnded()];
    for (const event of events)
      expect(see(pend(cancel(run(), at())), event).run.session.status).toEqual({ ...STOPPING, why: "asked" });
  });
});

describe("a timeout", () => {
  test("fails the run and keeps what the worker said", () => {
    const { run: next, orders } = fail(after(run(), finish()), LATE, at());
    expect(orders).toEqual([STOP]);
    expect(endingOf(next.task)).toMatchObject({
      state: "failed",
      ...LATE,
      result: { summary: "It is fixed." },
    });
  });

  test("comes too late for a decided outcome", () => {
    const canceled = pend(cancel(run(), at()));
    expect(fail(canceled, LATE, at())).toEqual({ run: canceled, orders: [] });
  });
});

describe("an agent that dies", () => {
  test.each(["crashed", "lost"] as const)("(%s) is brought back in its own conversation", (reason) => {
    const { run: next, orders } = see(run({ items: [given("open", "one")] }), gone(reason));
    expect(next.session).toMatchObject({
      epoch: 2,
      status: { state: "starting" },
      conversation: "conversation-1",
    });
    expect(next.attempt.resumes).toBe(1);
    expect(orders).toEqual([{ type: "prompt", text: resumePrompt(next.task.plan, []) }]);
  });

  test.each([
    ["crashed", "agent-error"],
    ["lost", "lost"],
  ] as const)("(%s) without a conversation is the end: %s", (cause, reason) => {
    const ended = after(run({ conversation: null }), gone(cause));
    expect(endingOf(ended.task)).toMatchObject({ state: "failed", reason, hint: "dispatch retry fix-login" });
    expect(ended.session).toMatchObject({ epoch: 1, status: { state: "stopped" } });
    expect(ended.orders).toEqual([]);
    expect(endingOf(after(run({ conversation: null }), gone(cause, "SIGSEGV")).task)).toMatchObject({
      message: "SIGSEGV",
    });
  });

  test("is brought back so often, and no more", () => {
    const last = run({ attempt: { resumes: MAX_RESUMES - 1 } });
    const resumed = after(last, gone("lost"));
    expect(resumed.attempt.resumes).toBe(MAX_RESUMES);
    expect(endingOf(after(resumed, gone("lost")).task)).toMatchObject({ state: "failed", reason: "lost" });
  });

  test("is told again, as uncertain, what it may not have taken", () => {
    const order = { type: "note", text: "Use tabs.", prompt: "A note: use tabs." } as const;
    const { orders } = see(run({ orders: [{ id: "cmd_1", order, sent: true }] }), gone("crashed"));
    expect(orders).toMatchObject([
      { text: expect.stringMatching(/may not have seen[^]*A note: use tabs\./) },
    ]);
  });

  test("is told once what never left its host", () => {
    const order = { type: "prompt", text: "Go on." } as const;
    expect(see(run({ orders: [{ id: "cmd_1", order, sent: false }] }), gone("crashed")).orders).toEqual([]);
  });

  test("stays away while its task waits for a person", () => {
    const { run: next, orders } = see(after(run(), question("qst_1")), gone("crashed"));
    expect(orders).toEqual([]);
    expect(next).toMatchObject({ task: { status: { state: "input-required" } }, attempt: { resumes: 0 } });
    expect(next.session).toMatchObject({ epoch: 1, status: { state: "stopped" } });
  });

  test("without a conversation takes its questions along", () => {
    const next = after(run({ conversation: null }), question("qst_1"), gone("lost"));
    expect(next.questions[0]!.status.state).toBe("withdrawn");
    expect(endingOf(next.task)).toMatchObject({ state: "failed", reason: "lost" });
  });

  test("as its task ended leaves nothing to do", () => {
    const ended = after(run(), turnEnded(), gone("crashed"));
    expect(ended.session).toMatchObject({ epoch: 1, status: { state: "stopped" } });
    expect(endingOf(ended.task)).toMatchObject({ state: "completed" });
  });

  test("and cannot be resumed for an answer is lost, with its other questions", () => {
    const both = after(waiting({ parked: false }), question("qst_2"), gone("lost"));
    const failed = after(answered(both), {
      type: "start_failed",
      reason: "resume",
      message: "no such session",
    });
    expect(endingOf(failed.task)).toMatchObject({ state: "failed", reason: "lost" });
    expect(failed.questions.map(({ status }) => status.state)).toEqual(["answered", "withdrawn"]);
  });
});

describe("an agent is let go", () => {
  test("while its task waits for a person, and the task goes on waiting", () => {
    const { run: parking, orders } = park(waiting({ parked: false }));
    expect(orders).toEqual([STOP]);
    expect(parking.session.status).toEqual({ ...STOPPING, why: "idle" });
    const parked = after(parking, gone("stopped"));
    expect(parked.task.status.state).toBe("input-required");
    expect(parked.session).toMatchObject({ epoch: 1, status: { state: "stopped" } });
  });

  test.each([
    ["works", run()],
    ["is in a turn", after(run(), question("qst_1"))],
    ["could not be brought back", waiting({ parked: false, conversation: null })],
    ["has a turn before it", pend(note(waiting({ parked: false }), "Use tabs."))],
    ["is let go already", waiting({ parked: true })],
  ])("but not one that %s", (_, kept) => {
    expect(park(kept)).toEqual({ run: kept, orders: [] });
  });

  test("and is brought back when the answer came in between, at no cost of its own", () => {
    const parking = pend(park(waiting({ parked: false, attempt: { resumes: MAX_RESUMES } })));
    const late = answered(parking);
    expect(late.session).toMatchObject({ epoch: 1, status: { state: "stopping" } });
    const { run: next, orders } = see(late, gone("stopped"));
    expect(next).toMatchObject({ session: { epoch: 2 }, attempt: { resumes: MAX_RESUMES } });
    expect(next.task.status).toMatchObject({ state: "working", ending: null });
    expect(orders).toEqual([]); // the answer itself waits for it
  });

  test("and is brought back when a note came in between", () => {
    const noted = pend(note(pend(park(waiting({ parked: false }))), "Use tabs."));
    expect(noted.session.status).toEqual({ ...STOPPING, why: "idle", again: true });
    expect(after(noted, gone("stopped")).session).toMatchObject({ epoch: 2, status: { state: "starting" } });
  });
});

describe("what an epoch that is over still says changes nothing", () => {
  const events = [
    CONVERSATION,
    { type: "turn_started", prompt: "…" } as const,
    turnEnded(),
    finish(),
    question("qst_1"),
    gatedCall("apr_1", call("read")),
    gone("crashed"),
  ];

  test.each(events)("$type of an epoch before", (event) => {
    const resumed = after(run(), gone("lost"));
    const record = { seq: 1, epoch: 1, at: 0, event };
    expect(observe(resumed, record, judging(resumed, at()))).toEqual({ run: resumed, orders: [] });
  });

  test.each(events)("$type after its own end", (event) => {
    const ended = conclude(after(run(), turnEnded(), gone("stopped")), [], at());
    expect(see(ended, event)).toEqual({ run: ended, orders: [] });
  });
});

describe("another attempt", () => {
  const { model } = run().task;
  const ended = conclude(after(run(), turnEnded(), gone("stopped")), [], at());

  test("of a retry waits for a worker with a fresh session", () => {
    const fresh = plan(given("open", "one"));
    const next = again(ended.task, { resume: false, model, thinking: null, plan: fresh, budget: null }, 50);
    expect(next.task).toMatchObject({ attempt: 2, session: null, plan: fresh });
    expect(next.task.status).toEqual({ state: "submitted", since: 50 });
    expect(next.attempt).toMatchObject({ number: 2, session: null, nudges: 0, resumes: 0, outcome: null });
  });

  test("of a resume begins in the next epoch of the last session, in the agent's own conversation", () => {
    const next = again(ended.task, { resume: true, model, thinking: null, plan: plan(), budget: null }, 50);
    const begun = begin({ ...ended, ...next }, "Go on.", at(60)).run;
    expect(begun.session).toMatchObject({ id: "ses_1", epoch: 2, conversation: "conversation-1" });
    expect(begun.attempt).toMatchObject({ number: 2, session: "ses_1" });
  });

  test.each([
    ["waits for a worker", submitted()],
    ["works", run()],
    ["waits for a person", waiting({ parked: true })],
    ["is being cancelled", pend(cancel(run(), at()))],
  ] satisfies [string, Run][])("is refused while the last one %s", (_, { task }) => {
    expect(() =>
      again(task, { resume: false, model, thinking: null, plan: plan(), budget: null }, 50),
    ).toThrow(expect.objectContaining({ code: "conflict", hint: "dispatch status fix-login" }));
  });
});

test("only an outcome can be told", () => {
  expect(() => conclude(run(), [], at())).toThrow("no outcome");
});

test.each([
  ["submitted", false],
  ["working", false],
  ["canceled", true],
] satisfies [TaskStatus["state"], boolean][])("%s is the end: %p", (state, expected) => {
  const status = { state, since: 0, ending: null, result: null } as TaskStatus;
  expect(isEnded(run({ status }).task)).toBe(expected);
});
