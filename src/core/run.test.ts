import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { PlanMark } from "../protocol/plan.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { decide } from "./approval.ts";
import { answer } from "./question.ts";
import {
  type Advance,
  type Facts,
  type PendingOrder,
  type Run,
  awaitsTurn,
  endingOf,
  hasAgent,
  isEnded,
  isLive,
  isOpen,
  promptOf,
} from "./run.ts";
import {
  at,
  call,
  finish,
  gatedCall,
  given,
  gone,
  judging,
  own,
  pend,
  plan,
  question,
  submitted,
} from "./run.fixture.ts";
import { cancel, conclude, fail, park } from "./end.ts";
import { observe } from "./observe.ts";
import { begin, note } from "./task.ts";

/**
 * A run and what is true of its host: the smallest host that can be. It starts its agent, takes turns one at a time,
 * and logs what its agent does, in any order that a real one could.
 */
interface World {
  run: Run;
  facts: Facts;
  /** The agent is there, and has its conversation. */
  alive: boolean;
  /** The order whose turn runs. */
  turn: PendingOrder | null;
  /** Calls of this life that wait, and decisions that were ordered in it. */
  gated: Set<string>;
  decided: string[];
}

/** Null where it cannot be just now. */
interface Action {
  /** What a counterexample is told in. */
  readonly [fc.toStringMethod]: () => string;
  readonly does: (world: World) => Advance | null;
}

function log(world: World, event: TranscriptEvent, epoch = world.run.session.epoch): Advance {
  const record = { seq: 1, epoch, at: world.facts.now, event };
  return observe(world.run, record, judging(world.run, world.facts));
}

/** An event of an epoch that is over: of the current one, where its agent is gone. */
function logLate(world: World, event: TranscriptEvent): Advance {
  const { epoch } = world.run.session;
  return log(world, event, hasAgent(world.run.session) ? epoch - 1 : epoch);
}

function settle(world: World, order: PendingOrder): void {
  world.run = { ...world.run, orders: world.run.orders.filter((each) => each !== order) };
}

/** The agent dies: nobody knows what it took, and the rules see the orders as they were. */
function die(world: World, reason: "stopped" | "crashed" | "lost"): Advance {
  const stops = world.run.orders.filter(({ order }) => order.type === "stop");
  for (const stop of stops) settle(world, stop);
  const next = log(world, gone(reason));
  world.alive = false;
  world.turn = null;
  world.gated.clear();
  world.decided = [];
  return { ...next, run: { ...next.run, orders: next.run.orders.filter(({ sent }) => !sent) } };
}

function startAgent(world: World, resumable: boolean): Advance | null {
  if (world.alive || !hasAgent(world.run.session)) return null;
  world.alive = true;
  return log(world, { type: "conversation", id: "c", resumed: false, resumable, models: [] });
}

function failStart(world: World): Advance | null {
  if (world.alive || !hasAgent(world.run.session)) return null;
  world.run = pend(log(world, { type: "start_failed", reason: "login", message: "no login" }));
  return die(world, "crashed");
}

function beginTurn(world: World): Advance | null {
  const next = world.run.orders.find(({ order }) => promptOf(order) !== null);
  if (!world.alive || world.turn || !next) return null;
  world.turn = { ...next, sent: true };
  world.run = { ...world.run, orders: world.run.orders.map((each) => (each === next ? world.turn! : each)) };
  return log(world, { type: "turn_started", prompt: "…" });
}

function endTurn(world: World, end: "end_turn" | "cancelled" | "error"): Advance | null {
  if (!world.turn) return null;
  settle(world, world.turn);
  world.turn = null;
  for (const id of world.gated)
    world.run = log(world, { type: "approval_withdrawn", approval: id as `apr_${string}` }).run;
  world.gated.clear();
  return log(world, { type: "turn_ended", end, said: "said" });
}

function gate(world: World, id: `apr_${string}`, kind: "read" | "edit" | "execute"): Advance | null {
  const asked = world.run.approvals.find((each) => each.id === id);
  const isFree = !asked || (asked.epoch < world.run.session.epoch && asked.status.state !== "applied");
  if (!world.turn || world.gated.has(id) || world.decided.includes(id) || !isFree) return null;
  world.gated.add(id);
  return log(world, gatedCall(id, asked?.call ?? call(kind, "/repo/a.ts")));
}

function applyDecision(world: World): Advance | null {
  const pending = world.run.orders.find(({ order }) => order.type === "decide");
  if (pending?.order.type !== "decide") return null;
  settle(world, pending);
  const { approval, verdict } = pending.order;
  if (!world.gated.delete(approval)) return { run: world.run, orders: [] };
  return log(world, { type: "approval_applied", approval, verdict });
}

function stop(world: World): Advance | null {
  return world.run.orders.some(({ order }) => order.type === "stop") ? die(world, "stopped") : null;
}

function tell(world: World): Advance | null {
  if (!endingOf(world.run.task) || hasAgent(world.run.session)) return null;
  return { run: { ...conclude(world.run, [], world.facts), orders: [] }, orders: [] };
}

function answerAny(world: World, id: `qst_${string}`): Advance | null {
  const open = world.run.questions.some((each) => each.id === id && isOpen(each));
  return open ? answer(world.run, id, "Yes", world.facts) : null;
}

function decideAny(world: World, id: `apr_${string}`, verdict: "allow" | "deny", grant: "once" | "session") {
  const open = world.run.approvals.some((each) => each.id === id && isOpen(each));
  return open ? decide(world.run, id, { verdict, grant }, world.facts) : null;
}

/** A person's word, where the run still takes it. */
function whileLive(rule: (run: Run, facts: Facts) => Advance) {
  return ({ run, facts }: World) => (isLive(run.task) ? rule(run, facts) : null);
}

function whileAlive(eventOf: () => TranscriptEvent) {
  return (world: World) => (world.alive ? log(world, eventOf()) : null);
}

const questionId = fc.constantFrom("qst_a", "qst_b", "qst_c");
const approvalId = fc.constantFrom("apr_a", "apr_b", "apr_c");
const mark = fc.constantFrom<PlanMark>("open", "done", "done", "blocked", "error");

function action(label: string, does: Action["does"]): fc.Arbitrary<Action> {
  return fc.constant({ [fc.toStringMethod]: () => label, does });
}

function event(label: string, eventOf: () => TranscriptEvent): fc.Arbitrary<Action> {
  return action(label, whileAlive(eventOf));
}

const actions: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: action("start", (world) => startAgent(world, true)) },
  { weight: 1, arbitrary: action("start, not resumable", (world) => startAgent(world, false)) },
  { weight: 1, arbitrary: action("fail to start", failStart) },
  { weight: 6, arbitrary: action("begin a turn", beginTurn) },
  { weight: 5, arbitrary: action("end the turn", (world) => endTurn(world, "end_turn")) },
  { weight: 1, arbitrary: action("interrupted", (world) => endTurn(world, "cancelled")) },
  { weight: 1, arbitrary: action("error", (world) => endTurn(world, "error")) },
  { weight: 3, arbitrary: action("do what was decided", applyDecision) },
  { weight: 3, arbitrary: action("stop", stop) },
  { weight: 2, arbitrary: action("crash", (world) => (world.alive ? die(world, "crashed") : null)) },
  { weight: 1, arbitrary: action("lost", (world) => (world.alive ? die(world, "lost") : null)) },
  { weight: 2, arbitrary: action("tell the end", tell) },
  { weight: 1, arbitrary: event("finish", () => finish()) },
  {
    weight: 2,
    arbitrary: fc.tuple(mark, mark).chain(([first, second]) =>
      event(`plan ${first} ${second}`, () => ({
        type: "plan",
        plan: plan(given(first, "one"), own(second, "two")),
      })),
    ),
  },
  { weight: 2, arbitrary: questionId.chain((id) => event(`ask ${id}`, () => question(id))) },
  {
    weight: 1,
    arbitrary: questionId.chain((id) =>
      event(`take ${id} back`, () => ({ type: "question_withdrawn", question: id })),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(approvalId, fc.constantFrom("read", "edit", "execute"))
      .chain(([id, kind]) => action(`gate ${id} (${kind})`, (world) => gate(world, id, kind))),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<TranscriptEvent>(gone("crashed"), finish(), question("qst_a"), gatedCall("apr_a"))
      .chain((late) => action(`late ${late.type}`, (world) => logLate(world, late))),
  },
  { weight: 3, arbitrary: questionId.chain((id) => action(`answer ${id}`, (world) => answerAny(world, id))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(approvalId, fc.constantFrom("allow", "deny"), fc.constantFrom("once", "session"))
      .chain(([id, verdict, grant]) =>
        action(`${verdict} ${id} (${grant})`, (world) => decideAny(world, id, verdict, grant)),
      ),
  },
  {
    weight: 1,
    arbitrary: action("note", (world) =>
      isLive(world.run.task) && !endingOf(world.run.task) ? note(world.run, "Hurry.") : null,
    ),
  },
  { weight: 2, arbitrary: action("park", whileLive(park)) },
  { weight: 1, arbitrary: action("cancel", whileLive(cancel)) },
  {
    weight: 1,
    arbitrary: action(
      "timeout",
      whileLive((run, facts) => fail(run, { reason: "timeout", message: "late" }, facts)),
    ),
  },
);

/** What holds of every run, whatever came before. */
function checkState({ run }: World): void {
  const { task, session } = run;
  const open = run.questions.filter(isOpen).map(({ id }) => id);
  const asks = task.status.state === "input-required" ? task.status.questions : [];
  expect(asks).toEqual(open);
  const stopping = run.orders.some(({ order }) => order.type === "stop");
  if (session.status.state === "stopping") expect(stopping).toBe(true);
  if (task.status.state === "working" && !endingOf(task))
    expect(session.status.state === "busy" || stopping || (hasAgent(session) && awaitsTurn(run))).toBe(true);
  if (isLive(task) && !endingOf(task) && awaitsTurn(run)) expect(hasAgent(session)).toBe(true);
  if (endingOf(task)) expect(!hasAgent(session) || stopping).toBe(true);
  if (isEnded(task)) expect([hasAgent(session), run.approvals.some(isOpen)]).toEqual([false, false]);
}

/** What holds of every step. */
function checkStep(before: Run, { run, orders }: Advance, world: World): void {
  expect(run.session.epoch).toBeGreaterThanOrEqual(before.session.epoch);
  for (const earlier of before.questions)
    if (!isOpen(earlier)) expect(run.questions.find(({ id }) => id === earlier.id)).toEqual(earlier);
  const ending = endingOf(before.task);
  const now = endingOf(run.task);
  if (ending && isLive(run.task) && !(ending.state === "canceled" && now?.state === "completed"))
    expect(now).toEqual(ending);
  if (isEnded(before.task)) expect({ run, orders }).toEqual({ run: before, orders: [] });
  if (before.session.status.state === "stopping" && run.session.epoch === before.session.epoch)
    expect(run.session.status.state).toBeOneOf(["stopping", "stopped"]);
  if (now && !hasAgent(run.session)) expect(orders).toEqual([]);
  if (now)
    for (const order of orders)
      expect(order.type === "stop" || (order.type === "decide" && order.verdict === "deny")).toBe(true);
  for (const order of orders)
    if (order.type === "decide") {
      expect(world.decided).not.toContain(order.approval);
      world.decided.push(order.approval);
    }
}

test("no order of events and words breaks what holds of a run", () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(actions, { maxLength: 60, size: "max" }),
      fc.constantFrom("ask", "edits", "all", "read-only"),
      (steps, permissions) => {
        const waiting = submitted();
        const begun = begin({ ...waiting, task: { ...waiting.task, permissions } }, "Fix the login.", at(0));
        const world: World = {
          run: pend(begun),
          facts: at(0),
          alive: false,
          turn: null,
          gated: new Set(),
          decided: [],
        };
        for (const [index, { does }] of steps.entries()) {
          world.facts = at(index + 1);
          const before = world.run;
          const advance = does(world);
          if (!advance) continue;
          checkStep(before, advance, world);
          world.run = pend(advance);
          checkState(world);
          reached.add(world.run.task.status.state);
        }
      },
    ),
    { numRuns: 2_000 },
  );
  expect([...reached].sort()).toEqual(["canceled", "completed", "failed", "input-required", "working"]);
});
