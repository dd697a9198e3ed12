import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { OutsideAgent } from "./outside-agent.ts";
import { SessionWorld } from "./session-world.ts";
import { Line, reply, socketOf, type Worker } from "./workstation-client.ts";

/** An agent's program as far as Workstation's hooks are concerned: what it reads, a child of it says on the socket. */
const PROGRAM = `
const HOOK = 'const s = require("node:net").connect(process.argv[1], () => s.write(process.argv[2] + "\\\\n"));'
  + 's.on("data", (chunk) => { process.stdout.write(chunk); s.end(); });';
for await (const line of console) {
  const hook = Bun.spawn([process.execPath, "-e", HOOK, process.argv[2], line], { stdout: "pipe" });
  process.stdout.write(await new Response(hook.stdout).text());
}
`;

/** A Claude Code that somebody else started, with Workstation's hooks. */
class Outsider implements AsyncDisposable {
  readonly sessionId = crypto.randomUUID();
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #answers: AsyncIterator<Uint8Array>;

  constructor(world: SessionWorld) {
    const program = join(world.root, "claude");
    writeFileSync(program, PROGRAM);
    const socket = socketOf(world.environment["HOME"]!);
    this.#child = Bun.spawn([process.execPath, "--no-env-file", "--config=/dev/null", program, socket], {
      cwd: world.repo,
      env: world.environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#answers = this.#child.stdout[Symbol.asyncIterator]();
  }

  async says(type: string, context: object): Promise<string> {
    const event = { type, sessionId: this.sessionId, timestamp: Date.now(), context };
    void this.#child.stdin.write(`${JSON.stringify(event)}\n`);
    await this.#child.stdin.flush();
    const { value } = await this.#answers.next();
    return new TextDecoder().decode(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

async function serve(): Promise<{ world: SessionWorld; home: string; workers: () => Promise<Worker[]> }> {
  const world = new SessionWorld({ also: "compat: { workstation: true }\n" });
  await world.ok("daemon", "start");
  const home = world.environment["HOME"]!;
  return { world, home, workers: async () => (await reply(home, "list_workers")).workers! };
}

test("a session of somebody else's is listed while it runs, and by Dispatch too", async () => {
  const { world, home, workers } = await serve();
  await using _ = world;
  await using outsider = new Outsider(world);
  const context = { project: "site", projectPath: world.repo, taskId: "fix-login", branch: "main" };
  expect(await outsider.says("session_start", context)).toBe('{"status":"ok","received":"session_start"}\n');
  expect(await workers()).toEqual([
    {
      sessionId: outsider.sessionId,
      repo: "repo",
      repoPath: world.repo,
      taskId: "fix-login",
      type: "worker",
      isExternal: true,
      lastActive: expect.any(String),
      workContext: context,
    },
  ]);
  const { sessions } = await world.client.call("listSessions", {}, { origin: "external" });
  expect(sessions).toMatchObject([
    { conversation: outsider.sessionId, outside: { hooks: false, proven: false } },
  ]);
  const message = { targetSessionId: outsider.sessionId, message: "hello" };
  expect(await reply(home, "dispatch", message)).toMatchObject({
    status: "error",
    message: "Cannot dispatch to external session",
    reason: expect.stringContaining("nothing takes a message"),
  });
  expect(await reply(home, "route", { query: "repo", message: "hello" })).toMatchObject({
    status: "error",
    message: expect.stringMatching(/^Matched external session \S+ - cannot dispatch$/),
  });
  await outsider.says("session_end", {});
  expect(await workers()).toEqual([]);
});

test("a message reaches one whose own hooks take it there", async () => {
  const { world, home, workers } = await serve();
  await using _ = world;
  await using agent = new OutsideAgent(world);
  await agent.begins();
  await agent.prompted();
  const [worker] = await workers();
  expect(worker).toMatchObject({ sessionId: agent.conversation, isExternal: true });
  const sent = await reply(home, "dispatch", {
    targetSessionId: agent.conversation,
    message: "check the API",
  });
  expect(sent).toMatchObject({ status: "ok", targetSessionId: agent.conversation, confirmBeforeSend: false });
  expect(await agent.stops()).toContain("check the API");
  expect((await world.message(sent.messageId!)).receipt.state).toBe("delivered");
});

test("one that goes without a word is gone with its process", async () => {
  const { world, workers } = await serve();
  await using _ = world;
  {
    await using outsider = new Outsider(world);
    await outsider.says("session_start", { projectPath: world.repo, taskId: "" });
    expect(await workers()).toMatchObject([{ sessionId: outsider.sessionId, isExternal: true }]);
  }
  while ((await workers()).length > 0); // what was seen a moment ago is not looked at again
});

test("one whose process cannot be found is listed by its word, whatever its task is called", async () => {
  const { world, home, workers } = await serve();
  await using _ = world;
  const projectPath = join(home, "api");
  mkdirSync(projectPath);
  await using line = new Line(home);
  const contexts = [{ projectPath }, { projectPath, taskId: "" }, { projectPath, taskId: "any text" }, {}];
  for (const [at, context] of contexts.entries())
    line.say(`${JSON.stringify({ type: "session_start", sessionId: `c${at}`, context })}\n`);
  line.say(`${JSON.stringify({ type: "session_start", sessionId: "unknown", context: { projectPath } })}\n`);
  for (const context of [7, [], "x", { projectPath: 7 }])
    line.say(`${JSON.stringify({ type: "session_start", sessionId: "odd", context })}\n`);
  expect((await line.lines(9)).map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => "ok"));
  expect((await workers()).map(({ sessionId, repo, taskId }) => [sessionId, repo, taskId])).toEqual([
    ["c0", "api", undefined],
    ["c1", "api", undefined],
    ["c2", "api", "any text"],
  ]);
  expect(await reply(home, "dispatch", { targetSessionId: "c2", message: "hello" })).toEqual({
    status: "error",
    message: "Cannot dispatch to external session",
  });
  line.say(`${JSON.stringify({ type: "session_end", sessionId: "c2" })}\n`);
  for (let at = 0; at < 250; at++)
    line.say(`${JSON.stringify({ type: "session_start", sessionId: `d${at}`, context: { projectPath } })}\n`);
  await line.lines(260);
  expect(await workers()).toHaveLength(200);
});
