import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { processMark } from "../../src/processes/mark.ts";
import type { Conversation } from "../../src/protocol/outside.ts";
import { OutsideAgent } from "./outside-agent.ts";
import { SessionWorld } from "./session-world.ts";
import { AGENT } from "./world.ts";

const HOSTILE = "\u001b]0;owned\u0007 ; rm -rf ~";
/** Larger than what is read of a file. */
const LONG = "x".repeat(1024 * 1024);

/** A user of Claude Code and Codex, of which both are the scripted agent here. */
function open(): SessionWorld {
  const backend = `{ command: ${JSON.stringify(AGENT.join(" "))}, protocol: acp }`;
  return new SessionWorld({
    settings: `default: claude\nbackends:\n  claude: ${backend}\n  codex: ${backend}\n`,
  });
}

function lines(...values: object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

/** Writes a file of the user's home, as old as the seconds say. */
function keep(world: SessionWorld, path: string, text: string, age = 0): string {
  const file = join(world.root, "user", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const at = Date.now() / 1000 - age;
  utimesSync(file, at, at);
  return file;
}

function claudeFile(id: string, folder = "-work-api"): string {
  return `.claude/projects/${folder}/${id}.jsonl`;
}

function said(cwd: string, content: unknown, more: object = {}): object {
  return { type: "user", message: { role: "user", content }, cwd, ...more };
}

function codexFile(id: string): string {
  return `.codex/sessions/2026/11/21/rollout-2026-11-21T17-57-16-${id}.jsonl`;
}

async function conversations(world: SessionWorld): Promise<Conversation[]> {
  return (await world.client.call("listConversations", {}, {})).conversations;
}

/** What the scripted agent remembers of a conversation. */
function remember(world: SessionWorld, id: string, ...turns: string[]): void {
  keep(
    world,
    `.scripted/${id}.json`,
    JSON.stringify({ turns, left: [], model: "scripted-small", effort: "default" }),
  );
}

test("conversations of the agents' own are listed, newest first, and go on in their folders", async () => {
  await using world = open();
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
  keep(
    world,
    claudeFile(one),
    lines(
      { type: "mode", mode: "normal" },
      said(world.repo, "<command-name>/clear</command-name>"),
      said(world.repo, "fix\nthe login"),
    ),
    60,
  );
  keep(
    world,
    codexFile(two),
    lines(
      { type: "session_meta", payload: { id: two, cwd: world.repo } },
      {
        type: "event_msg",
        payload: {
          type: "item_completed",
          item: { type: "UserMessage", content: [{ type: "text", text: "write tests" }] },
        },
      },
    ),
  );
  expect(await conversations(world)).toMatchObject([
    { agent: "codex", id: two, folder: world.repo, title: "write tests", session: null },
    { agent: "claude", id: one, folder: world.repo, title: "fix the login", session: null },
  ]);
  expect(await world.ok("conversations")).toMatch(
    new RegExp(`${one} +claude +1m +${world.repo} +fix the login`),
  );
  remember(world, one, "fix\nthe login");
  expect(await world.ok("session", "adopt", one.slice(0, 8), "--name", "login")).toContain(
    "dispatch tell login",
  );
  const { message } = await world.tell("login", "scripted: recall\n");
  await world.untilMessage(message.id, "ended");
  expect(await world.saidIn("login")).toBe("turns 2");
  const { session } = await world.session("login");
  expect(session).toMatchObject({ origin: "manual", agent: "claude", folder: world.repo, conversation: one });
  expect((await conversations(world))[1]).toMatchObject({ id: one, session: session.id });
  expect(await world.run("session", "adopt", one)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("goes on in login already"),
  });
  expect((await world.run("session", "adopt", "0".repeat(8))).code).toBe(3);
  expect((await world.run("session", "adopt", "")).code).toBe(3);
});

test("one that its own agent runs is refused until that has ended", async () => {
  await using world = open();
  await world.ok("daemon", "start");
  await using agent = new OutsideAgent(world);
  keep(world, claudeFile(agent.conversation), lines(said(world.repo, "hello")));
  for (const report of [false, true]) {
    if (report) await agent.begins();
    const record = {
      pid: agent.pid,
      sessionId: agent.conversation,
      procStart: processMark(agent.pid).split(".")[1],
      status: "idle",
      statusUpdatedAt: 1,
    };
    keep(world, `.claude/sessions/${agent.pid}.json`, JSON.stringify(record));
    const refused = await world.run("session", "adopt", agent.conversation);
    expect(refused.stderr).toContain(`process ${agent.pid} of claude runs this conversation`);
    expect(refused.code).toBe(1);
  }
  await agent.kill();
  await world.ok("session", "adopt", agent.conversation);
});

test("one that a server of its agent still holds is refused, with how to end it", async () => {
  await using world = open();
  const id = crypto.randomUUID();
  const event = { type: "user_message", message: "hello" };
  const meta = { type: "session_meta", payload: { id, cwd: world.repo } };
  const file = keep(world, codexFile(id), lines(meta, { type: "event_msg", payload: event }));
  const program = keep(world, "codex", "setInterval(() => {}, 1_000);");
  const server = Bun.spawn([process.execPath, "--config=/dev/null", program, "app-server"], {
    env: world.environment,
    stdin: Bun.file(file),
  });
  const { code, stderr } = await world.run("session", "adopt", id);
  expect(stderr).toContain(`process ${server.pid} of codex runs this conversation`);
  expect(stderr).toContain("codex app-server daemon stop");
  expect(code).toBe(1);
  server.kill();
  await server.exited;
  await world.ok("session", "adopt", id);
});

test("hostile files are passed over, and hold nobody up", async () => {
  await using world = open();
  const fine = crypto.randomUUID();
  keep(world, claudeFile(fine), `${lines(said(world.repo, [{ type: "text", text: HOSTILE }]))}${LONG}`);
  const bad = (text: string, folder?: string) => keep(world, claudeFile(crypto.randomUUID(), folder), text);
  bad("");
  bad(LONG);
  bad("null\n[]\n{}\n\u0000\n");
  bad(lines(said("relative/folder", "x")));
  bad(lines(said(world.repo, { no: "text" }), said(world.repo, [null, 1])));
  bad(lines(said(world.repo, "of a subagent", { isSidechain: true })));
  keep(world, ".claude/projects/-work-api/../escape/notes.jsonl", "");
  const secret = keep(world, "secret.jsonl", lines(said(world.repo, "SECRET")));
  symlinkSync(secret, join(world.root, "user", claudeFile(crypto.randomUUID())));
  symlinkSync(join(world.root, "user"), join(world.root, "user", ".claude/projects/linked"));
  const pipe = join(world.root, "user", claudeFile(crypto.randomUUID()));
  expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
  keep(
    world,
    codexFile(crypto.randomUUID()),
    lines({ type: "session_meta", payload: null }, { type: "event_msg" }),
  );
  keep(world, ".claude/sessions/1.json", "[");
  keep(world, `.claude/sessions/${process.pid}.json`, JSON.stringify({ sessionId: "x", status: LONG }));
  expect(await conversations(world)).toMatchObject([{ id: fine, title: "]0;owned ; rm -rf ~" }]);
  expect(await world.ok("sessions", "--origin", "external")).toStartWith("No sessions");
});

test("a folder that is gone is said to be", async () => {
  await using world = open();
  const id = crypto.randomUUID();
  keep(world, claudeFile(id), lines(said("/nowhere/at/all", "hello")));
  const { code, stderr } = await world.run("session", "adopt", id);
  expect(stderr).toContain("/nowhere/at/all");
  expect(code).not.toBe(0);
});
