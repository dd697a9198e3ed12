import type { Approval, GatedCall } from "../protocol/approval.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Plan, PlanItem, PlanMark } from "../protocol/plan.ts";
import type { Question } from "../protocol/question.ts";
import type { Session, SessionStatus } from "../protocol/session.ts";
import type { Attempt, Budget, ModelChoice, Task, TaskStatus } from "../protocol/task.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { NOTHING_SPENT } from "./budget.ts";
import type { Rule } from "../protocol/rule.ts";
import type { Seen } from "./approval.ts";
import { opinionOf } from "./opinion.ts";
import { answer } from "./question.ts";
import type { Advance, Facts, PendingOrder, Run, Talk } from "./run.ts";
import { observe } from "./observe.ts";
import { newAttempt } from "./task.ts";

/** When every run of these tests began, in milliseconds. */
export const START = 1_000_000;
export const FOLDER = "/repo";

export type EventOf<Type extends TranscriptEvent["type"]> = Extract<TranscriptEvent, { type: Type }>;

const MODEL: ModelChoice = { name: "opus", agent: "claude", id: null, role: null, because: "default" };

/** What a test wants to be otherwise than in a run whose agent works on its first turn. */
export interface Given {
  items?: PlanItem[];
  status?: TaskStatus;
  session?: SessionStatus;
  /** The agent's own conversation; null: it cannot be resumed. */
  conversation?: string | null;
  permissions?: Permissions;
  budget?: Budget;
  attempt?: Partial<Attempt>;
  orders?: PendingOrder[];
  approvals?: Approval[];
  questions?: Question[];
}

/** A working run in its first epoch: one agent, resumable, busy with its first turn, without a plan. */
export function run(given: Given = {}): Run {
  return {
    task: task(given),
    attempt: { ...newAttempt(MODEL, START), session: "ses_1", ...given.attempt },
    earlierMs: 0,
    session: session(given),
    questions: given.questions ?? [],
    approvals: given.approvals ?? [],
    flags: [],
    messages: [],
    wasTold: true,
    orders: given.orders ?? [],
  };
}

function task(given: Given): Task {
  return {
    id: "tsk_1",
    slug: "fix-login",
    workspace: "wks_1",
    title: "Fix the login",
    model: MODEL,
    permissions: given.permissions ?? "ask",
    timeoutMs: null,
    plan: plan(...(given.items ?? [])),
    status: given.status ?? { state: "working", since: START, ending: null },
    attempt: 1,
    session: "ses_1",
    worktree: null,
    also: [],
    wantsWorktree: false,
    thinking: null,
    priority: "normal",
    after: [],
    waitsFor: [],
    blockedBy: [],
    owns: [],
    sweep: null,
    fromSession: null,
    budget: given.budget ?? null,
    spent: NOTHING_SPENT,
    parked: null,
    runFolder: FOLDER,
    snapshot: null,
    createdAt: START,
    updatedAt: START,
  };
}

function session(given: Given): Session {
  return {
    id: "ses_1",
    kind: "acp",
    origin: "task",
    workspace: "wks_1",
    task: "tsk_1",
    name: null,
    agent: "claude",
    model: MODEL,
    permissions: given.permissions ?? "ask",
    thinking: null,
    forkedFrom: null,
    folder: FOLDER,
    status: given.session ?? { state: "busy", waiting: null },
    epoch: 1,
    conversation: given.conversation === undefined ? "conversation-1" : given.conversation,
    forkable: false,
    revivals: 0,
    stale: false,
    usage: {},
    outside: null,
    createdAt: START,
    updatedAt: START,
    deletedAt: null,
  };
}

/** A task that waits for a worker. */
export function submitted(): Run {
  const status = { state: "submitted", since: START } as const;
  const waiting = run({ status, session: { state: "starting" }, conversation: null });
  return { ...waiting, session: { ...waiting.session, epoch: 0 } };
}

export function plan(...items: PlanItem[]): Plan {
  return { items, notes: [] };
}

/** An item that came with the task. */
export function given(mark: PlanMark, text: string, ...notes: string[]): PlanItem {
  return { text, mark, given: true, notes, steps: [] };
}

/** An item that the worker added itself. */
export function own(mark: PlanMark, text: string): PlanItem {
  return { text, mark, given: false, notes: [], steps: [] };
}

/** The facts of a moment; a question that is opened then is `qst_<ms since the start>`, a flag `flg_<the same>`. */
export function at(ms = 0): Facts {
  return { now: START + ms, question: `qst_${ms}`, flag: `flg_${ms}` };
}

/** The same with a policy: the rules, and the preset of the run. */
export function judging({ session }: Talk, facts: Facts, ...rules: Rule[]): Seen {
  const { id, folder, permissions, workspace } = session;
  const place = { workspace, session: id, folder, also: [], now: facts.now, foldsCase: false };
  const scope = { ...place, permissions, taskFolder: null };
  return { ...facts, judge: (call) => opinionOf({ call, line: null }, rules, scope) };
}

/** What the rules make of one event of the session's current epoch. */
export function see(run: Run, event: TranscriptEvent, facts: Facts = at(), ...rules: Rule[]): Advance {
  const record = { seq: 1, epoch: run.session.epoch, at: facts.now, event };
  return observe(run, record, judging(run, facts, ...rules));
}

/** The run after some events, with every order still waiting for its host. */
export function after(run: Run, ...events: TranscriptEvent[]): Run {
  return events.reduce((before, event) => pend(see(before, event)), run);
}

/** The run with its orders in the outbox, as the daemon keeps them. */
export function pend({ run, orders }: Advance): Run {
  const told = orders.map((order, at) => ({
    id: `cmd_${run.orders.length + at}` as const,
    order,
    sent: false,
  }));
  return { ...run, orders: [...run.orders, ...told] };
}

export function turnEnded(
  said = "All done.",
  end: EventOf<"turn_ended">["end"] = "end_turn",
): TranscriptEvent {
  return { type: "turn_ended", end, said };
}

export function gone(reason: EventOf<"gone">["reason"], message?: string): TranscriptEvent {
  return { type: "gone", reason, exitCode: null, killed: 0, ...(message === undefined ? {} : { message }) };
}

export function question(id: `qst_${string}`, text = "Which database?"): EventOf<"question"> {
  return { type: "question", question: id, text, options: [], via: "tool" };
}

export function finish(summary = "It is fixed."): TranscriptEvent {
  return { type: "finish", summary, files: ["login.ts"] };
}

export function call(kind: GatedCall["kind"], ...paths: string[]): GatedCall {
  return { tool: kind, kind, title: kind, paths, input: {} };
}

export function gatedCall(id: `apr_${string}`, of: GatedCall = call("execute")): EventOf<"approval"> {
  return { type: "approval", approval: id, call: of, inputHash: `hash of ${of.tool}` };
}

/** A run that waits for a person: its worker asked `qst_1` and ended its turn; `parked`: its agent was let go since. */
export function waiting(options: { parked: boolean } & Given): Run {
  const { parked, ...rest } = options;
  const asked = after(run(rest), question("qst_1"), turnEnded("I have to ask."));
  return parked
    ? { ...asked, session: { ...asked.session, status: { state: "stopped", why: "idle" } } }
    : asked;
}

/** The same run after its question was answered. */
export function answered(run: Run, text = "Postgres"): Run {
  return pend(answer(run, "qst_1", text, at(5_000)));
}
