import { afterEach, beforeEach, expect, test } from "bun:test";
import { newId } from "../base/id.ts";
import type { Task } from "../protocol/task.ts";
import { listAttempts, saveAttempt } from "./attempt.ts";
import { dropPending, insertCommand, listPending, setPhase } from "./command.ts";
import { getCursor, saveCursor } from "./cursor.ts";
import { IDEMPOTENCY_LIFETIME_MS, recallAnswer, rememberAnswer } from "./idempotency.ts";
import { openStore, sampleAttempt, sampleSession, sampleTask, sampleWorkspace } from "./sample.fixture.ts";
import { activeSessions, listSessions, saveSession } from "./session.ts";
import {
  countQueued,
  findTasks,
  getTask,
  getTaskText,
  insertTask,
  listTasks,
  liveTasks,
  saveTask,
  slugTaken,
  waitingTasks,
} from "./task.ts";
import { findWorkspaceByPath, findWorkspaces, saveWorkspace, listWorkspaces } from "./workspace.ts";

const NO_CONTEXT = { text: null, files: [] };
const workspace = sampleWorkspace();
const QUEUED = { workspace: workspace.id, sweep: null, agent: "claude", priority: "normal" } as const;
let store: ReturnType<typeof openStore>;
beforeEach(() => {
  store = openStore();
  saveWorkspace(store.db, workspace);
});
afterEach(() => store.remove());

function add(change: Partial<Task> = {}): Task {
  const task = sampleTask(workspace, { slug: `task-${Bun.randomUUIDv7()}`, ...change });
  insertTask(store.db, { task, prompt: `do ${task.slug}`, context: NO_CONTEXT });
  return task;
}

test("a task is found by its slug, its id and a prefix of it", () => {
  const task = add({ slug: "review" });
  expect(findTasks(store.db, "review")).toEqual([task]);
  expect(findTasks(store.db, task.id)).toEqual([task]);
  expect(findTasks(store.db, task.id.slice(0, 12))).toEqual([task]);
  expect(findTasks(store.db, "tsk_0")).toEqual([]); // too short to mean one
  expect(findTasks(store.db, "%")).toEqual([]);
  expect(getTaskText(store.db, task.id)).toEqual({ prompt: "do review", context: NO_CONTEXT });
  expect(slugTaken(store.db, workspace.id, "review")).toBeTrue();
  expect(slugTaken(store.db, newId("wks"), "review")).toBeFalse();
});

test("an ambiguous name gives its candidates", () => {
  const other = sampleWorkspace("/elsewhere/api");
  saveWorkspace(store.db, other);
  const first = add({ slug: "same" });
  const second = add({ slug: "same", workspace: other.id });
  expect(findTasks(store.db, "same")).toEqual([second, first]);
  expect(findTasks(store.db, first.id.slice(0, 8)).length).toBe(2);
  expect(findWorkspaces(store.db, "api")).toHaveLength(2);
  expect(findWorkspaceByPath(store.db, "/elsewhere/api")).toEqual(other);
  expect(listWorkspaces(store.db)).toHaveLength(2);
});

test("pages go from the newest to the oldest, each task once, while others are added", () => {
  const tasks = Array.from({ length: 7 }, () => add());
  const first = listTasks(store.db, { limit: 3, state: "all" });
  add();
  const second = listTasks(store.db, { limit: 3, state: "all", before: first.next! });
  const third = listTasks(store.db, { limit: 3, state: "all", before: second.next! });
  expect([...first.tasks, ...second.tasks, ...third.tasks]).toEqual(tasks.toReversed());
  expect(third.next).toBeNull();
});

test("the queue has what waits for a worker alone, and lists follow a task's state", () => {
  const late = add({ status: { state: "submitted", since: 300 } });
  const early = add({ status: { state: "submitted", since: 100 } });
  const running = add({ status: { state: "working", since: 50, ending: null } });
  expect(waitingTasks(store.db)).toEqual([
    { id: late.id, ...QUEUED, since: 300, place: 1 },
    { id: early.id, ...QUEUED, since: 100, place: 2 },
  ]);
  expect(countQueued(store.db)).toBe(2);
  saveTask(store.db, { ...late, waitsFor: [running.id] });
  expect(waitingTasks(store.db).map(({ id }) => id)).toEqual([early.id]);
  expect(countQueued(store.db)).toBe(1);
  expect(liveTasks(store.db)).toEqual([running]);
  const ended: Task = { ...running, status: { state: "canceled", since: 400, result: null } };
  saveTask(store.db, ended);
  expect(getTask(store.db, running.id)).toEqual(ended);
  expect(liveTasks(store.db)).toEqual([]);
  expect(listTasks(store.db, { limit: 9, state: "ended" }).tasks).toEqual([ended]);
  expect(listTasks(store.db, { limit: 9, state: "open", workspace: workspace.id }).tasks).toHaveLength(2);
  expect(listTasks(store.db, { limit: 9, state: "all", workspace: newId("wks") }).tasks).toEqual([]);
});

test("active sessions are those that a host may stand behind", () => {
  const parked = add();
  const session = sampleSession(parked, { status: { state: "stopped", why: "idle" } });
  const live = {
    ...parked,
    status: { state: "working" as const, since: 1, ending: null },
    session: session.id,
  };
  saveSession(store.db, session);
  expect(activeSessions(store.db)).toEqual([]);
  saveTask(store.db, live);
  expect(activeSessions(store.db)).toEqual([session]);
  const busy = sampleSession(add(), { status: { state: "busy", waiting: null } });
  saveSession(store.db, busy);
  expect(activeSessions(store.db)).toEqual([session, busy]);
  expect(listSessions(store.db, { limit: 1, state: "all" })).toEqual({ sessions: [busy], next: busy.id });
});

test("attempts and cursors are replaced, commands keep their order and phase", () => {
  const task = add();
  saveAttempt(store.db, task.id, sampleAttempt(2));
  saveAttempt(store.db, task.id, sampleAttempt(1));
  saveAttempt(store.db, task.id, { ...sampleAttempt(2), nudges: 1 });
  expect(listAttempts(store.db, task.id).map(({ nudges }) => nudges)).toEqual([0, 1]);

  const { id } = sampleSession(task);
  saveSession(store.db, sampleSession(task, { id }));
  expect(getCursor(store.db, id)).toEqual({ epoch: 0, seq: 0 });
  saveCursor(store.db, id, { epoch: 1, seq: 9 });
  saveCursor(store.db, id, { epoch: 2, seq: 12 });
  expect(getCursor(store.db, id)).toEqual({ epoch: 2, seq: 12 });

  const commands = ["one", "two", "three"].map((text) => ({
    id: newId("cmd"),
    order: { type: "prompt" as const, text },
  }));
  for (const command of commands) insertCommand(store.db, id, command);
  setPhase(store.db, commands[0]!.id, "done");
  setPhase(store.db, commands[1]!.id, "sent");
  expect(listPending(store.db, id)).toEqual([
    { ...commands[1]!, phase: "sent" },
    { ...commands[2]!, phase: "new" },
  ]);
  dropPending(store.db, id);
  expect(listPending(store.db, id)).toEqual([]);
});

test("an answer is remembered for its lifetime", () => {
  const kept = { request: "hash", answer: "{}" };
  rememberAnswer(store.db, "key", kept, 1_000);
  expect(recallAnswer(store.db, "key", 2_000)).toEqual(kept);
  expect(recallAnswer(store.db, "key", 1_000 + IDEMPOTENCY_LIFETIME_MS)).toBeNull();
  rememberAnswer(store.db, "key", kept, 2_000 + IDEMPOTENCY_LIFETIME_MS);
  expect(() => rememberAnswer(store.db, "key", kept, 3_000 + IDEMPOTENCY_LIFETIME_MS)).toThrow("UNIQUE");
});
