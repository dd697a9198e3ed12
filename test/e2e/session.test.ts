import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { homeFiles } from "../../src/base/home.ts";
import { followStream } from "../../src/client/stream.ts";
import { killIfThere } from "./world.ts";
import { SessionWorld } from "./session-world.ts";

test("a session is on disk before its agent is started, and takes its prompt", async () => {
  await using world = new SessionWorld();
  const { session, message } = await world.open({ name: "api", prompt: "scripted: text hello" });
  expect(session).toMatchObject({ name: "api", task: null, origin: "manual", status: { state: "starting" } });
  expect(message).toMatchObject({ text: "scripted: text hello", receipt: { state: "accepted" } });
  await world.untilMessage(message!.id, "ended");
  expect(await world.saidIn("api")).toBe("hello");
  expect(await world.toldIn("api")).toEqual(["scripted: text hello"]);
  expect((await world.untilSession("api", isReady)).workspace.path).toBe(world.repo);
});

test("without a prompt no agent is started until there is something to tell", async () => {
  await using world = new SessionWorld();
  const { session, message } = await world.open({ name: "later" });
  expect(message).toBeNull();
  expect(session.status).toEqual({ state: "stopped", why: "idle" });
  expect(world.processes("scripted/agent.ts")).toEqual([]);
  const told = await world.tell("later", "scripted: recall");
  expect(told.session.status.state).toBe("starting");
  await world.untilMessage(told.message.id, "ended");
  expect(await world.saidIn("later")).toBe("turns 1");
});

test("a session streams, asks, is decided by the approval's own id, and is stopped and resumed in its conversation", async () => {
  await using world = new SessionWorld();
  const { session, message } = await world.open({
    name: "gated",
    permissions: "ask",
    prompt: "scripted: text one\nscripted: edit a.txt new",
  });
  const { approvals } = await world.untilSession("gated", (detail) => detail.approvals.length > 0);
  expect(approvals).toMatchObject([{ task: null, session: session.id, call: { tool: "edit" } }]);
  expect((await world.session("gated")).session.status).toEqual({ state: "busy", waiting: "approval" });
  expect((await world.client.call("getAttention", {}, {})).approvals).toHaveLength(1);
  expect(existsSync(join(world.repo, "a.txt"))).toBe(false);

  const approval = approvals[0]!.id;
  await world.client.call("decide", { approval }, { verdict: "allow" });
  await expect(world.client.call("decide", { approval }, { verdict: "deny" })).rejects.toMatchObject({
    code: "conflict",
    message: "already decided: allowed",
  });
  await world.untilMessage(message!.id, "ended");
  expect(world.read("a.txt")).toBe("new\n");
  await expect(world.client.call("decide", { approval }, { verdict: "deny" })).rejects.toMatchObject({
    code: "conflict",
    message: "already decided: allowed",
  });
  expect((await world.client.call("listApprovals", {}, {})).approvals).toEqual([]);
  const all = await world.client.call("listApprovals", {}, { state: "all", session: "gated" });
  expect(all.approvals).toMatchObject([{ id: approval, status: { state: "applied", by: "person" } }]);

  await world.client.call("stopSession", { session: "gated" }, {});
  const stopped = await world.untilSession("gated", isStopped);
  expect(stopped.session.status).toEqual({ state: "stopped", why: "asked" });
  await world.ended(world.processes("scripted/agent.ts"));
  await world.client.call("resumeSession", { session: "gated" }, {});
  await world.untilSession("gated", isReady);
  const { message: next } = await world.tell("gated", "scripted: recall");
  await world.untilMessage(next.id, "ended");
  expect(await world.saidIn("gated")).toBe("oneturns 2");
});

test("a stream of one session carries its state, its messages and its transcript, and no other's", async () => {
  await using world = new SessionWorld();
  const { session } = await world.open({ name: "heard" });
  const other = await world.open({ name: "other", prompt: "scripted: text elsewhere" });
  const over = new AbortController();
  const { position } = await world.client.call("health", {}, {});
  const stream = followStream({
    socket: homeFiles(world.home).socket,
    topics: [`session:${session.id}`],
    after: position,
    signal: over.signal,
  });
  const { message } = await world.tell("heard", "scripted: text hello");
  const seen: string[] = [];
  for await (const item of stream) {
    if (item.type !== "event") continue;
    const { event } = item;
    if (event.type === "message") seen.push(event.message.receipt.state);
    if (event.type === "transcript") seen.push(event.record.event.type);
    if (event.type === "message" && event.message.endedAt !== null) break;
  }
  over.abort();
  expect(seen).toContain("text");
  expect(seen.filter((each) => ["accepted", "delivered", "consumed"].includes(each))).toEqual([
    "accepted",
    "delivered",
    "consumed",
    "consumed",
  ]);
  expect(message.session).toBe(session.id);
  await world.untilMessage(other.message!.id, "ended");
});

test("a grant for the session holds over a restart of its agent", async () => {
  await using world = new SessionWorld();
  await world.open({ name: "granted", permissions: "ask", prompt: "scripted: run touch a" });
  const { approvals } = await world.untilSession("granted", (detail) => detail.approvals.length > 0);
  await world.client.call("decide", { approval: approvals[0]!.id }, { verdict: "allow", grant: "session" });
  await world.untilSession("granted", isReady);
  await world.client.call("stopSession", { session: "granted" }, {});
  await world.untilSession("granted", isStopped);
  rmSync(join(world.repo, "a"));
  const { message } = await world.tell("granted", "scripted: run touch a");
  await world.untilMessage(message.id, "ended");
  expect(existsSync(join(world.repo, "a"))).toBe(true);
});

test("an idle agent is let go and comes back with the next message, and nothing is lost", async () => {
  await using world = new SessionWorld({ also: "limits:\n  idle: 1s\n" });
  const { message } = await world.open({ name: "idle", prompt: "scripted: text one" });
  await world.untilMessage(message!.id, "ended");
  const { session } = await world.untilSession("idle", isStopped);
  expect(session.status).toEqual({ state: "stopped", why: "idle" });
  await world.ended(world.processes("scripted/agent.ts"));
  const { message: next } = await world.tell("idle", "scripted: recall");
  await world.untilMessage(next.id, "ended");
  expect(await world.saidIn("idle")).toBe("oneturns 2");
});

test("a session is forked where its agent is, and goes its own way from there", async () => {
  await using world = new SessionWorld();
  const { session, message } = await world.open({ name: "trunk", prompt: "scripted: text one" });
  await world.untilMessage(message!.id, "ended");
  const { session: fork } = await world.client.call("forkSession", { session: "trunk" }, { name: "branch" });
  expect(fork).toMatchObject({ name: "branch", forkedFrom: session.id });
  for (const name of ["branch", "trunk"]) {
    const { message: asked } = await world.tell(name, "scripted: recall");
    await world.untilMessage(asked.id, "ended");
    expect(await world.saidIn(name)).toEndWith("turns 2");
  }
  const both = [await world.session("trunk"), await world.session("branch")];
  expect(new Set(both.map((detail) => detail.session.conversation)).size).toBe(2);
});

test("where the agent cannot fork, that is said", async () => {
  await using world = new SessionWorld({ agentVariables: "SCRIPTED_START=load-only" });
  const { message } = await world.open({ name: "trunk", prompt: "scripted: text one" });
  await world.untilMessage(message!.id, "ended");
  await expect(world.client.call("forkSession", { session: "trunk" }, {})).rejects.toMatchObject({
    code: "conflict",
    hint: expect.stringContaining("dispatch session new"),
  });
});

test("a session is renamed, listed, and deleted only when it has no agent", async () => {
  await using world = new SessionWorld();
  const { session, message } = await world.open({ name: "before", prompt: "scripted: text one" });
  await world.untilMessage(message!.id, "ended");
  await world.client.call("changeSession", { session: "before" }, { name: "after" });
  await expect(world.session("before")).rejects.toMatchObject({ code: "not_found" });
  const listed = await world.client.call("listSessions", {}, { state: "live", origin: "manual" });
  expect(listed.sessions.map(({ name }) => name)).toEqual(["after"]);
  await expect(world.client.call("deleteSession", { session: "after" }, {})).rejects.toMatchObject({
    code: "conflict",
  });
  await world.client.call("stopSession", { session: "after" }, {});
  await world.untilSession("after", isStopped);
  await world.client.call("deleteSession", { session: "after" }, {});
  expect((await world.client.call("listSessions", {}, {})).sessions).toEqual([]);
  await expect(world.session(session.id)).rejects.toMatchObject({ code: "not_found" });
  await world.ended(world.processes(" host "));
  expect(readdirSync(join(world.home, "sessions"))).toEqual([]);
});

test("another model and level of thinking take effect with the next start, in the same conversation", async () => {
  await using world = new SessionWorld();
  world.config(
    `default: large\nmodels:\n  large: { backend: scripted, id: scripted-large }\n  small: { backend: scripted, id: scripted-small }\n` +
      world.backend(),
  );
  const { message } = await world.open({ name: "model", prompt: "scripted: model" });
  await world.untilMessage(message!.id, "ended");
  await world.client.call("changeSession", { session: "model" }, { model: "small" });
  const { message: next } = await world.tell("model", "scripted: model\nscripted: recall");
  await world.untilMessage(next.id, "ended");
  expect(await world.saidIn("model")).toBe("model scripted-largemodel scripted-smallturns 2");
});

test("a session whose agent cannot start says why, and what waits is told once it can", async () => {
  await using world = new SessionWorld({ agentVariables: "SCRIPTED_START=login" });
  const { message } = await world.open({ name: "locked", prompt: "scripted: text in" });
  const { session } = await world.untilSession(
    "locked",
    ({ session: { status } }) => status.state === "error",
  );
  expect(session.status).toMatchObject({ message: expect.stringContaining("Authentication required") });
  expect((await world.message(message!.id)).receipt.state).toBe("accepted");
  world.agent(...world.agentCommand);
  await world.client.call("resumeSession", { session: "locked" }, {});
  await world.untilMessage(message!.id, "ended");
  expect(await world.saidIn("locked")).toBe("in");
});

test("a session whose folder is gone says so, and is told what waits when it is back", async () => {
  await using world = new SessionWorld();
  const folder = join(world.root, "other");
  mkdirSync(folder);
  const { session } = await world.open({ workspace: folder });
  rmSync(folder, { recursive: true });
  const { message } = await world.tell(session.id, "scripted: text here");
  const failed = await world.untilSession(session.id, (detail) => detail.session.status.state === "error");
  expect(failed.session.status).toMatchObject({ message: `${folder} does not exist` });
  mkdirSync(folder);
  await world.client.call("resumeSession", { session: session.id }, {});
  await world.untilMessage(message.id, "ended");
  expect(await world.saidIn(session.id)).toBe("here");
});

test("what ran when its hosts went down comes back in one step, and what was stopped does not", async () => {
  await using world = new SessionWorld();
  for (const name of ["one", "two", "three"]) {
    const { message } = await world.open({ name, prompt: `scripted: text ${name}` });
    await world.untilMessage(message!.id, "ended");
  }
  await world.client.call("stopSession", { session: "three" }, {});
  await world.untilSession("three", isStopped);
  await world.killDaemon();
  for (const pid of world.processes(" host ses_")) killIfThere(pid);
  for (const pid of world.processes("scripted/agent.ts")) killIfThere(pid);
  for (const name of ["one", "two"]) {
    const { session } = await world.untilSession(name, isStopped);
    expect(session.status).toEqual({ state: "stopped", why: "lost" });
  }
  const { sessions } = await world.client.call("resumeAll", {}, { environment: world.environment });
  expect(sessions.map(({ name }) => name)).toEqual(["one", "two"]);
  for (const name of ["one", "two"]) {
    await world.untilSession(name, isReady);
    const { message } = await world.tell(name, "scripted: recall");
    await world.untilMessage(message.id, "ended");
    expect(await world.saidIn(name)).toBe(`${name}turns 2`);
  }
  expect((await world.session("three")).session.status.state).toBe("stopped");
  expect((await world.client.call("resumeAll", {}, {})).sessions).toEqual([]);
});

test("the shell agent runs what it is told, each message a command of its own", async () => {
  await using world = new SessionWorld();
  const { message } = await world.open({ name: "shell", agent: "shell", prompt: "echo one > a.txt" });
  await world.untilMessage(message!.id, "ended");
  const { message: next } = await world.tell("shell", "cat a.txt > b.txt");
  await world.untilMessage(next.id, "ended");
  expect(world.read("b.txt")).toBe("one\n");
});

test("a session is named by its name, its id or a prefix, and several of one name are told apart", async () => {
  await using world = new SessionWorld();
  const { session } = await world.open({ name: "api" });
  expect((await world.session(session.id.slice(0, 20))).session.id).toBe(session.id);
  await world.open({ name: "api" });
  await expect(world.session("api")).rejects.toMatchObject({
    code: "ambiguous",
    candidates: expect.arrayContaining([expect.stringContaining(session.id)]),
  });
  await expect(world.session("nobody")).rejects.toMatchObject({
    code: "not_found",
    hint: "dispatch sessions",
  });
});

type Detail = Awaited<ReturnType<SessionWorld["session"]>>;

function isReady({ session: { status } }: Detail): boolean {
  return status.state === "ready";
}

function isStopped({ session: { status } }: Detail): boolean {
  return status.state === "stopped";
}
