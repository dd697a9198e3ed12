import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, test } from "bun:test";
import { SessionWorld } from "./session-world.ts";
import { TerminalWorld } from "./terminal-world.ts";
import { ask, discoveryOf, Line, reply, socketOf } from "./workstation-client.ts";

/** For several turns of an agent in a terminal, on a machine that is busy with other things. */
const TERMINAL_MS = 120_000;

/** A world whose daemon serves Workstation's clients. */
async function serve(also = ""): Promise<{ world: SessionWorld; home: string }> {
  const world = new SessionWorld({ also: `${also}compat: { workstation: true }\n` });
  await world.ok("daemon", "start");
  return { world, home: world.environment["HOME"]! };
}

/** The same with agents in terminals; sessions that a program asks for have the login shell's environment. */
async function serveTerminals(): Promise<{ world: TerminalWorld; home: string }> {
  const world = new TerminalWorld();
  const home = world.environment["HOME"]!;
  writeFileSync(join(home, ".profile"), `PATH='${world.environment["PATH"]}'\n`);
  await world.ok("config", "compat", "workstation");
  await world.ok("daemon", "restart");
  return { world, home };
}

test("Workstation's program finds the face, lists sessions and sends one a message", async () => {
  const { world, home } = await serve();
  await using _ = world;
  const known = JSON.parse(readFileSync(discoveryOf(home), "utf8")) as Record<string, unknown>;
  expect(Object.keys(known)).toEqual(["socketPath", "pid", "startedAt", "version"]);
  expect(known).toMatchObject({ pid: await world.daemonPid(), version: "0.1.0" });
  expect(statSync(socketOf(home)).mode & 0o777).toBe(0o600);
  const { session } = await world.open({ name: "review" });

  const listed = await reply(home, "list_workers");
  expect(Object.keys(listed)).toEqual(["status", "received", "workers", "sessions"]);
  expect(listed.workers).toEqual([
    {
      sessionId: session.id,
      repo: "repo",
      repoPath: world.repo,
      taskId: "review",
      type: "worker",
      isExternal: false,
      lastActive: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    },
  ]);
  expect(listed.sessions).toEqual(listed.workers);

  const text = "scripted: text first\nscripted: text second";
  const sent = await reply(home, "dispatch", { targetSessionId: session.id, message: text });
  expect(Object.keys(sent).slice(0, 4)).toEqual([
    "status",
    "received",
    "targetSessionId",
    "confirmBeforeSend",
  ]);
  expect(sent).toMatchObject({ status: "ok", targetSessionId: session.id, confirmBeforeSend: false });
  await world.untilMessage(sent.messageId!, "ended");
  expect(await world.toldIn(session.id)).toEqual([text]);
  expect(await world.saidIn(session.id)).toBe("firstsecond");
});

test("only a whole id is meant, and what cannot be done is told in Workstation's words", async () => {
  const { world, home } = await serve();
  await using _ = world;
  const { session } = await world.open({ name: "review" });
  const targetSessionId = session.id;
  const refused = async (payload: object) => (await reply(home, "dispatch", payload)).message;
  for (const near of ["review", targetSessionId.slice(0, -2), `${targetSessionId} `, "../x"])
    expect(await refused({ targetSessionId: near, message: "x" })).toBe(`Session not found: ${near}`);
  for (const target of [undefined, "", 7, "x".repeat(129), null, ["a"]])
    expect(await refused({ targetSessionId: target, message: "x" })).toBe(
      "Missing or invalid targetSessionId in payload",
    );
  for (const message of [undefined, "", " ", 7, "a\0b"])
    expect(await refused({ targetSessionId, message })).toBe("Missing or invalid message in payload");
  expect(await refused({ targetSessionId, message: "x".repeat(1024 * 1024 + 1) })).toBe(
    "message exceeds maximum length (1048576)",
  );
  const { message } = await reply(home, "dispatch", { targetSessionId, message: "x".repeat(5_000) });
  expect(message).toBeUndefined();
});

test("a message of a session's agent is that session's, and waits for a person where it may do less", async () => {
  const { world, home } = await serve();
  await using _ = world;
  const { session: sender } = await world.open({ permissions: "ask" });
  const { session: receiver } = await world.open({ permissions: "all" });
  const payload = { targetSessionId: receiver.id, message: "scripted: text hello" };
  const sent = await reply(home, "dispatch", payload, { sessionId: sender.id });
  expect(sent).toMatchObject({ status: "ok", confirmBeforeSend: true, receipt: { state: "held" } });
  expect((await world.message(sent.messageId!)).from).toMatchObject({ kind: "session", session: sender.id });
  const enter = { targetSessionId: receiver.id };
  const own = await reply(home, "send_enter", enter, { sessionId: sender.id });
  expect(own).toMatchObject({ status: "error", reason: "a person confirms a message" });
  expect(await reply(home, "send_enter", enter)).toEqual({
    status: "ok",
    received: "send_enter",
    targetSessionId: receiver.id,
  });
  await world.untilMessage(sent.messageId!, "ended");
  expect((await reply(home, "send_enter", enter)).message).toBe("Failed to dispatch to session");
  const circle = await reply(home, "dispatch", payload, { sessionId: receiver.id });
  expect(circle).toMatchObject({ status: "error", message: "Failed to dispatch to session" });
  expect(circle.reason).toContain("circle");
});

test("keys and answers do what they stand for", async () => {
  const { world, home } = await serve();
  await using _ = world;
  const { session, message } = await world.open({ prompt: "scripted: wait-file never" });
  await world.untilSession(session.id, ({ session: { status } }) => status.state === "busy");
  const target = { targetSessionId: session.id };
  expect((await reply(home, "send_escape", target)).status).toBe("ok");
  await world.untilMessage(message!.id, "ended");
  expect((await reply(home, "dispatch_answers", { ...target, answers: ["a"] })).reason).toBe(
    "0 questions are open in it",
  );

  const slug = await world.dispatch("scripted: ask Which?|a|b\nscripted: finish done");
  const { task } = await world.settled(slug);
  const worker = (await reply(home, "list_workers")).workers!.find(({ taskId }) => taskId === slug)!;
  expect(worker.sessionId).toBe(task.session!);
  const answers = (payload: object) =>
    reply(home, "dispatch_answers", { targetSessionId: worker.sessionId, ...payload });
  for (const wrong of [{ chatArrows: 2 }, { answers: "b" }, { answers: [] }, { answers: [7] }])
    expect((await answers(wrong)).message).toBe("Missing or invalid answers in payload");
  expect((await answers({ answers: ["x".repeat(257)] })).message).toBe("answer exceeds maximum length (256)");
  expect(await answers({ answers: ["b"], delayMs: 1, optionCounts: [2] })).toEqual({
    status: "ok",
    received: "dispatch_answers",
    targetSessionId: worker.sessionId,
  });
  await world.settled(slug);
  expect(await world.said(slug)).toBe("ask: b");
});

test("a worker is an agent in a terminal of a repository that is there, and in the user's home", async () => {
  const { world, home } = await serveTerminals();
  await using _ = world;
  const repoPath = join(home, "code/api");
  mkdirSync(repoPath, { recursive: true });
  const create = (payload: object) => reply(home, "create_worker", { repo: "api", repoPath, ...payload });
  const opened = await create({ taskId: "" });
  expect(Object.keys(opened)).toEqual(["status", "received", "newSessionId"]);
  const second = await create({});
  await world.client.call("setWorkspace", { workspace: "api" }, { key: "agent", value: "codex" });
  const named = await create({ taskId: " flaky tests ", claudeFlags: "--dangerously-skip-permissions" });
  const { workers } = await reply(home, "list_workers");
  const seen = workers!.map(({ sessionId, repo, taskId = null }) => ({ sessionId, repo, taskId }));
  expect(new Set(seen)).toEqual(
    new Set([
      { sessionId: opened.newSessionId!, repo: "api", taskId: null },
      { sessionId: second.newSessionId!, repo: "api", taskId: "worker-2" },
      { sessionId: named.newSessionId!, repo: "api", taskId: "flaky tests" },
    ]),
  );
  const kinds = await Promise.all([opened, named].map((each) => world.session(each.newSessionId!)));
  const answers = { targetSessionId: named.newSessionId!, answers: ["a"] };
  expect((await reply(home, "dispatch_answers", answers)).reason).toContain("dispatch attach ses_");
  expect(kinds.map(({ session: { kind, permissions } }) => [kind, permissions])).toEqual([
    ["terminal", "ask"],
    ["terminal", "all"],
  ]);
  expect((await create({ taskId: "flaky tests" })).message).toStartWith("Failed to create worker: ");
  expect((await create({ claudeFlags: "--model opus; rm -rf ~" })).message).toBe(
    "Invalid claudeFlags in payload",
  );

  const message = "path must be under home directory";
  mkdirSync(`${home}-else`);
  symlinkSync(world.repo, join(home, "link"));
  for (const outside of [
    world.repo,
    `${home}-else`,
    `${home}/../repo`,
    "/tmp",
    "/opt",
    "code/api",
    `${home}/link`,
    "/tmp\0x",
  ])
    expect((await create({ repoPath: outside })).message).toBe(`Invalid repo path: ${message}`);
  expect((await create({ repoPath: `${home}/none` })).message).toBe("Invalid repo path: path does not exist");
  writeFileSync(join(home, "file"), "");
  expect((await create({ repoPath: "~/file" })).message).toBe("Invalid repo path: path is not a directory");
  expect((await create({ repoPath: undefined })).message).toBe("Missing or invalid repoPath in payload");
  expect((await create({ repo: "x".repeat(257) })).message).toBe("repo exceeds maximum length (256)");
  expect((await world.client.call("listSessions", {}, {})).sessions).toHaveLength(3);
});

test(
  "what is routed to a worker that was just opened waits for its agent, and no shell sees it",
  async () => {
    const { world, home } = await serveTerminals();
    await using _ = world;
    const repoPath = join(home, "code/api");
    mkdirSync(repoPath, { recursive: true });
    const { newSessionId } = await reply(home, "create_worker", { repo: "api", repoPath, taskId: "flaky" });
    const messages = ["touch made\n; touch made\r", "!touch made", "scripted: text fine"];
    const sent = await Promise.all(
      messages.map((message) => reply(home, "route", { query: "flaky", message })),
    );
    expect(sent.map(({ targetSessionId }) => targetSessionId)).toEqual(messages.map(() => newSessionId));
    for (const { messageId } of sent) await world.untilMessage(messageId!, "ended");
    const told = await world.ok("screen", newSessionId!);
    expect(told).toContain("\nfine");
    expect(existsSync(join(repoPath, "made"))).toBe(false);
  },
  TERMINAL_MS,
);

test("there is no window to show", async () => {
  const { world, home } = await serve();
  await using _ = world;
  for (const type of ["focus_session", "screenshot"])
    expect(await reply(home, type, {})).toEqual({ status: "error", message: "Remote mode is not enabled" });
  expect(await reply(home, "set_remote_mode", { enabled: false })).toEqual({
    status: "ok",
    received: "set_remote_mode",
    enabled: false,
  });
  expect((await reply(home, "set_remote_mode", { enabled: true })).status).toBe("error");
  expect((await reply(home, "set_remote_mode", {})).message).toBe("Missing or invalid enabled in payload");
});

test("a connection takes what any program may say", async () => {
  const { world, home } = await serve();
  await using _ = world;
  await using line = new Line(home);
  const hostile = [
    "no json",
    "[1]",
    "null",
    '{"type":7}',
    '{"type":"__proto__"}',
    '{"type":"constructor","payload":[]}',
    `{"type":"ping","payload":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
    "[".repeat(1_000_000),
    `{"type":"${"x".repeat(65)}"}`,
    '{"type":"stop","payload":{"message":"\\ud800"}}',
  ];
  for (const each of hostile) line.say(`${each}\n`);
  line.say(Uint8Array.of(0xff, 0xfe, 0x00, 0x0a));
  line.say(`${"x".repeat(5 * 1024 * 1024)}\n`);
  line.say('{"type":"pi');
  line.say('ng"}\r\n');
  const heard = (await line.lines(13)).map(({ received, message }) => received ?? message);
  expect(heard).toEqual([
    "Invalid JSON",
    "Missing or invalid type",
    "Missing or invalid type",
    "Missing or invalid type",
    "__proto__",
    "constructor",
    "ping",
    "Invalid JSON",
    "Missing or invalid type",
    "stop",
    "Invalid JSON",
    "Message too large",
    "ping",
  ]);
  expect(readFileSync(join(world.home, "daemon.log"), "utf8")).not.toContain("failed");
});

test("commands that come together are answered in order, then the connection ends; half of one is dropped", async () => {
  const { world, home } = await serve();
  await using _ = world;
  await using line = new Line(home);
  line.say('{"type":"ping"}\n{"type":"list_workers"}\n{"type":"stop"}\n{"type":"list_workers"}\n');
  const heard = await line.lines(9);
  expect(heard.map(({ received }) => received)).toEqual(["ping", "list_workers", "stop", "list_workers"]);
  await line.ended();
  await using torn = new Line(home);
  torn.say('{"type":"list_workers"}');
  torn.end();
  expect((await torn.lines(9)).map(({ received }) => received)).toEqual(["list_workers"]);
});

test("the files that clients need are there again when they vanish, and gone when the daemon stops", async () => {
  const { world, home } = await serve();
  await using _ = world;
  const socket = socketOf(home);
  rmSync(socket);
  rmSync(dirname(discoveryOf(home)), { recursive: true });
  await world.appears("workstation.sock", world.home);
  while (!existsSync(discoveryOf(home))) await world.appears(".varie-workstation", home);
  expect(socketOf(home)).toBe(socket);
  expect(await reply(home, "ping")).toEqual({ status: "ok", received: "ping" });
  await world.ok("daemon", "stop");
  expect([existsSync(socket), existsSync(discoveryOf(home))]).toEqual([false, false]);
  expect(await ask(home, "ping")).toEqual({
    code: 1,
    stdout: '{"status":"error","message":"Workstation daemon not running"}',
  });
});

test("a Workstation that lives keeps its clients, one that died leaves them, and a face is off unless switched on", async () => {
  await using world = new SessionWorld();
  const home = world.environment["HOME"]!;
  const socketPath = join(home, "theirs.sock");
  const theirs = `${JSON.stringify({ socketPath, pid: 1, startedAt: "x", version: "0.1.0" })}\n`;
  mkdirSync(dirname(discoveryOf(home)));
  writeFileSync(discoveryOf(home), theirs);
  const workstation = createServer((socket) => socket.on("error", () => socket.destroy()));
  await new Promise<void>((resolve) => void workstation.listen(socketPath, resolve));
  await world.ok("daemon", "start");
  expect((await world.client.call("health", {}, {})).notices).toEqual([]);
  await world.ok("config", "compat", "workstation");
  await world.ok("daemon", "restart");
  const { notices } = await world.client.call("health", {}, {});
  expect(notices.join("\n")).toContain(`another program serves Workstation's clients, on ${socketPath}`);
  expect(readFileSync(discoveryOf(home), "utf8")).toBe(theirs);
  expect(existsSync(join(world.home, "workstation.sock"))).toBe(false);
  await new Promise((resolve) => workstation.close(resolve));
  writeFileSync(socketPath, "not even a socket");
  await world.ok("daemon", "restart");
  expect(await reply(home, "ping")).toEqual({ status: "ok", received: "ping" });
  await world.killDaemon();
  await world.ok("daemon", "start");
  expect(await reply(home, "ping")).toEqual({ status: "ok", received: "ping" });
});

test("a folder that cannot be used closes the face and nothing else", async () => {
  await using world = new SessionWorld({ also: "compat: { workstation: true }\n" });
  writeFileSync(dirname(discoveryOf(world.environment["HOME"]!)), "in the way");
  await world.ok("tasks");
  const { notices } = await world.client.call("health", {}, {});
  expect(notices.join("\n")).toContain("Workstation's face is closed");
});

test("the face takes so many connections and no more, and lets none of them go on", async () => {
  const { world, home } = await serve();
  await using _ = world;
  const lines = Array.from({ length: 64 }, () => new Line(home));
  for (const line of lines) line.say('{"type":"ping"}\n');
  await Promise.all(lines.map((line) => line.lines(1)));
  await using late = new Line(home);
  expect(await late.lines(1)).toEqual([{ status: "error", message: "Too many connections" }]);
  await lines.pop()![Symbol.asyncDispose]();
  const next = async () => JSON.parse((await ask(home, "ping")).stdout) as unknown;
  while (!Bun.deepEquals(await next(), { status: "ok", received: "ping" }));
  await world.ok("daemon", "stop");
  await Promise.all(lines.map((line) => line.ended()));
});
