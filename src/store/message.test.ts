import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../base/id.ts";
import { Message } from "../protocol/message.ts";
import { Session } from "../protocol/session.ts";
import { migrate } from "../sqlite/migrate.ts";
import { openDatabase } from "../sqlite/open.ts";
import {
  countMessages,
  findMessages,
  insertMessage,
  listHeldMessages,
  listMessages,
  messageText,
  openMessages,
  saveMessage,
  wasTold,
} from "./message.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openStore, sampleSession, sampleTask, sampleWorkspace } from "./sample.fixture.ts";
import { findSessions, getSession, listSessions, saveSession } from "./session.ts";
import { insertTask } from "./task.ts";
import { saveWorkspace } from "./workspace.ts";

let store: ReturnType<typeof openStore>;
let session: Session;

beforeEach(() => {
  store = openStore();
  const workspace = sampleWorkspace();
  saveWorkspace(store.db, workspace);
  session = add({ name: "api" });
});

afterEach(() => store.remove());

function add(change: Partial<Session> = {}): Session {
  const workspace = onlyWorkspace();
  const made = { ...sampleSession(sampleTask(workspace)), task: null, origin: "manual" as const, ...change };
  saveSession(store.db, made);
  return made;
}

function onlyWorkspace() {
  const row = store.db.get<{ body: string }>("SELECT body FROM workspace")!;
  return JSON.parse(row.body) as ReturnType<typeof sampleWorkspace>;
}

function send(text: string, change: Partial<Message> = {}): Message {
  const message = Message.parse({
    id: newId("msg"),
    session: session.id,
    task: null,
    text: text.slice(0, 10),
    bytes: text.length,
    mode: "queue",
    from: { kind: "person" },
    chain: [],
    receipt: { state: "queued", position: 99 },
    decision: null,
    acceptedAt: 1_000,
    expiresAt: null,
    deliveredAt: null,
    consumedAt: null,
    endedAt: null,
    ...change,
  });
  insertMessage(store.db, message, text);
  return message;
}

function placesOf(messages: Message[]): unknown[] {
  return messages.map(({ text, receipt }) => [
    text,
    "position" in receipt ? receipt.position : receipt.state,
  ]);
}

test("places in the line are counted when they are read, steering ones first", () => {
  send("running", { receipt: { state: "consumed" } });
  send("one");
  send("two");
  send("now", { mode: "steer", receipt: { state: "accepted" } });
  const expected = [
    ["running", "consumed"],
    ["one", 2],
    ["two", 3],
    ["now", "accepted"],
  ];
  expect(placesOf(openMessages(store.db, session.id))).toEqual(expected);
  expect(placesOf(listMessages(store.db, session.id, { limit: 9 }).messages)).toEqual(expected.toReversed());
});

test("what is over is not open, what is held waits for a person, and its text stays whole", () => {
  const long = send("a text that is longer than its beginning");
  saveMessage(store.db, { ...long, receipt: { state: "held", because: "uncertain" } });
  send("done", { receipt: { state: "consumed" }, endedAt: 5, deliveredAt: 3 });
  expect(openMessages(store.db, session.id)).toEqual([]);
  expect(listHeldMessages(store.db)).toMatchObject([{ id: long.id, text: "a text tha" }]);
  expect(messageText(store.db, long.id)).toBe("a text that is longer than its beginning");
  expect(findMessages(store.db, long.id.slice(0, 20)).map(({ id }) => id)).toContain(long.id);
  expect(wasTold(store.db, session.id)).toBe(true);
});

test("a sender's messages to a session are counted from a time on, people's together", () => {
  const from = { kind: "session", session: add().id, name: "other" } as const;
  send("late", { from, acceptedAt: 2_000 });
  send("early", { from });
  send("mine", { acceptedAt: 2_000 });
  expect(countMessages(store.db, session.id, from, 1_500)).toBe(1);
  expect(countMessages(store.db, session.id, { kind: "person" }, 500)).toBe(1);
});

test("messages and sessions page, newest first", () => {
  const sent = ["a", "b", "c"].map((text) => send(text).id);
  const first = listMessages(store.db, session.id, { limit: 2 });
  expect(first.messages.map(({ text }) => text)).toEqual(["c", "b"]);
  expect(first.next).toBe(sent[1]!);
  const rest = listMessages(store.db, session.id, { limit: 2, before: first.next! });
  expect(rest.messages.map(({ text }) => text)).toEqual(["a"]);
  expect(rest.next).toBeNull();
});

test("a deleted session is in no list and is meant by no name", () => {
  const gone = add({ name: "gone" });
  saveSession(store.db, { ...gone, deletedAt: 9 });
  expect(listSessions(store.db, { limit: 9, state: "all" }).sessions.map(({ id }) => id)).toEqual([
    session.id,
  ]);
  expect(findSessions(store.db, "gone")).toEqual([]);
  expect(findSessions(store.db, gone.id)).toEqual([]);
  expect(findSessions(store.db, "api")).toMatchObject([{ id: session.id }]);
  expect(getSession(store.db, gone.id)).toMatchObject({ deletedAt: 9 });
});

test("a store of before has its sessions with all that they have now", () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  const db = openDatabase(join(folder, "dispatch.db"), { synchronous: "NORMAL" });
  migrate(
    db,
    MIGRATIONS.filter(({ name }) => name === "tasks"),
  );
  const workspace = sampleWorkspace();
  const task = sampleTask(workspace, { permissions: "edits" });
  saveWorkspace(db, workspace);
  insertTask(db, { task, prompt: "", context: { text: null, files: [] } });
  const { id, kind, origin, agent, folder: at, epoch, conversation, usage } = sampleSession(task);
  const old = { id, kind, origin, workspace: workspace.id, task: task.id, agent, folder: at, epoch };
  for (const [key, state] of [
    [id, "stopped"],
    [newId("ses"), "stopping"],
  ])
    saveSession(db, {
      ...old,
      conversation,
      usage,
      createdAt: 1,
      updatedAt: 1,
      id: key,
      status: { state },
    } as unknown as Session);
  migrate(db, MIGRATIONS);
  const { sessions } = listSessions(db, { limit: 9, state: "all", origin: "task", workspace: workspace.id });
  expect(sessions.map((each) => Session.parse(each))).toEqual(sessions);
  expect(sessions).toMatchObject([
    { status: { state: "stopping", why: "asked", again: false } },
    { status: { state: "stopped", why: "asked" }, permissions: "edits", model: task.model, name: null },
  ]);
  db.close();
  rmSync(folder, { recursive: true });
});
