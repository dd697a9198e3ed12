import { afterEach, beforeEach, expect, test } from "bun:test";
import { newId } from "../base/id.ts";
import type { Event } from "../protocol/event.ts";
import type { Topic } from "../protocol/stream.ts";
import { appendEvent, eventRange, readEvents, transcriptOf } from "./event.ts";
import { openStore, sampleRecord, sampleSession, sampleTask, sampleWorkspace } from "./sample.fixture.ts";
import { isFollowed, marksOf } from "./topic.ts";

let store: ReturnType<typeof openStore>;
beforeEach(() => (store = openStore()));
afterEach(() => store.remove());

/** Two tasks with a session each, and one event of every kind. */
function sampleEvents() {
  const workspace = sampleWorkspace();
  const tasks = [sampleTask(workspace), sampleTask(workspace, { slug: "second" })];
  const sessions = tasks.map((task) => sampleSession(task));
  const events = tasks.flatMap((task, index): Event[] => {
    const session = sessions[index]!;
    const open = { state: "open" as const };
    const call = { tool: "bash", kind: "execute" as const, title: "ls", paths: [], input: {} };
    return [
      { type: "task", task },
      { type: "session", session },
      {
        type: "question",
        question: {
          id: newId("qst"),
          task: task.id,
          session: session.id,
          attempt: 1,
          text: "?",
          options: [],
          via: "tool",
          status: open,
          askedAt: 1,
        },
      },
      {
        type: "approval",
        approval: {
          id: newId("apr"),
          session: session.id,
          task: null,
          epoch: 1,
          call,
          inputHash: "h",
          status: open,
          askedAt: 1,
        },
      },
      {
        type: "flag",
        flag: {
          id: newId("flg"),
          task: task.id,
          session: session.id,
          text: "!",
          raisedAt: 1,
          seenAt: null,
        },
      },
      sampleRecord(session.id, task.id, 1),
      sampleRecord(session.id, task.id, 2),
    ];
  });
  return { tasks, sessions, events: [{ type: "workspace" as const, workspace }, ...events] };
}

test("what the store reads for a topic is what a live follower of it gets", () => {
  const { tasks, sessions, events } = sampleEvents();
  for (const event of events) appendEvent(store.db, event, 1);
  const single: Topic[] = [
    "*",
    "tasks",
    "attention",
    ...tasks.map(({ id }) => `task:${id}` as const),
    ...sessions.map(({ id }) => `session:${id}` as const),
  ];
  const pairs = single.flatMap((left) => single.map((right) => [left, right]));
  for (const topics of [...single.map((topic) => [topic]), ...pairs]) {
    const read = readEvents(store.db, { after: 0, topics, limit: 100 }).map(({ event }) => event);
    const live = events.filter((event) => topics.some((topic) => isFollowed(topic, marksOf(event))));
    expect(read).toEqual(live);
  }
});

test("pages follow each other without a gap, and positions name the store", () => {
  const { events } = sampleEvents();
  for (const event of events) appendEvent(store.db, event, 7);
  const first = readEvents(store.db, { after: 0, topics: ["*"], limit: 4 });
  const rest = readEvents(store.db, { after: first.at(-1)!.position.seq, topics: ["*"], limit: 100 });
  expect([...first, ...rest].map(({ position }) => position.seq)).toEqual(
    events.map((_, index) => index + 1),
  );
  expect(new Set([...first, ...rest].map(({ position }) => position.store)).size).toBe(1);
  expect(eventRange(store.db)).toEqual({ oldest: 0, newest: events.length });
});

test("a record of a session's log is kept once, another session's is another one", () => {
  const workspace = sampleWorkspace();
  const task = sampleTask(workspace);
  const [one, two] = [newId("ses"), newId("ses")];
  expect(appendEvent(store.db, sampleRecord(one, task.id, 1), 1)).toBe(1);
  expect(appendEvent(store.db, sampleRecord(one, task.id, 1), 2)).toBeNull();
  expect(appendEvent(store.db, sampleRecord(two, task.id, 1), 3)).toBeGreaterThan(1);
  expect(transcriptOf(store.db, task.id, { after: 0, limit: 10 })).toHaveLength(2);
  expect(transcriptOf(store.db, task.id, { after: 1, limit: 10 })).toHaveLength(1);
});

test("the end of the stream is known when its events are gone", () => {
  const workspace = sampleWorkspace();
  expect(eventRange(store.db)).toEqual({ oldest: 0, newest: 0 });
  for (let count = 0; count < 3; count++) appendEvent(store.db, { type: "workspace", workspace }, 1);
  store.db.run("DELETE FROM event WHERE seq <= 2");
  expect(eventRange(store.db)).toEqual({ oldest: 2, newest: 3 });
  store.db.run("DELETE FROM event");
  expect(eventRange(store.db)).toEqual({ oldest: 3, newest: 3 });
  expect(appendEvent(store.db, { type: "workspace", workspace }, 1)).toBe(4);
});
