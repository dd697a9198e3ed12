import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallAnswer } from "../../src/protocol/api.ts";
import type { Notice } from "../../src/protocol/notice.ts";
import { TerminalWorld } from "./terminal-world.ts";

type Opened = CallAnswer<"createSession">;

async function open(world: TerminalWorld, ...words: string[]): Promise<Opened> {
  return JSON.parse(await world.ok("--json", "open", ...words)) as Opened;
}

async function ready(world: TerminalWorld, { session }: Opened): Promise<void> {
  await world.untilSession(session.id, (detail) => detail.session.status.state === "ready");
}

describe("dispatch open", () => {
  test("starts the agent in a terminal, which the list shows", async () => {
    await using world = new TerminalWorld();
    expect(await world.ok("open", ".")).toContain("Opened repo in ");
    const [session] = (await world.client.call("listSessions", {}, {})).sessions;
    expect(session).toMatchObject({ kind: "terminal", name: null, agent: "claude", permissions: "ask" });
    await ready(world, { session } as Opened);
    expect(await world.ok("sessions")).toMatch(/idle +repo +claude +terminal/);
    expect(await world.ok("session", "show", session!.id)).toContain(`Next: dispatch attach ${session!.id}`);
  });

  test("takes one session without a name in a repository, and further ones by their task", async () => {
    await using world = new TerminalWorld();
    await open(world, ".");
    const second = await world.run("open", ".");
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("--task <name>") });
    const named = await open(world, ".", "--task", "flaky tests");
    expect(named.session.name).toBe("flaky tests");
    expect((await world.run("open", ".", "--task", "flaky tests")).code).toBe(1);
  });

  test("is called as its repository while it has no name, by every command", async () => {
    await using world = new TerminalWorld();
    const opened = await open(world, ".");
    await ready(world, opened);
    expect(await world.ok("tell", "repo", "scripted: text hello there")).toContain(opened.session.id);
    const { messages } = await world.client.call("listMessages", { session: "repo" }, {});
    await world.untilMessage(messages[0]!.id, "ended");
    expect(await world.ok("screen", "repo")).toContain("hello there");
    expect(await world.ok("screen", world.repo)).toContain("hello there");
    expect(await world.ok("sessions")).toMatch(/^repo +idle/m);
    await open(world, ".", "--task", "flaky tests");
    expect(await world.ok("stop", "repo")).toContain("is being stopped");
    await world.untilSession(opened.session.id, ({ session }) => session.status.state === "stopped");
    expect((await world.session("repo")).session.id).toBe(opened.session.id);
  });

  test("is not guessed where a repository has several that fit: the commands for each are listed", async () => {
    await using world = new TerminalWorld();
    const all = [await open(world, ".", "--task", "one"), await open(world, ".", "--task", "two")];
    const { code, stderr } = await world.run("tell", "repo", "hello", "you");
    expect(code).toBe(3);
    for (const { session } of all)
      expect(stderr).toMatch(new RegExp(`${session.id} \\w+: \\w+, in .*: dispatch tell ${session.id} …`));
  });

  test("wants a folder that is there", async () => {
    await using world = new TerminalWorld();
    expect(await world.run("open", "./nowhere")).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/error: there is no folder .*\n.*hint: mkdir -p .*nowhere/),
    });
    expect(await world.run("create-worker", "api", "readme.txt")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("is no folder"),
    });
    expect((await world.client.call("listSessions", {}, {})).sessions).toEqual([]);
  });

  test("create-worker calls the workspace by the repository's name", async () => {
    await using world = new TerminalWorld();
    const folder = join(world.root, "else");
    mkdirSync(folder);
    const line = await world.ok("--json", "create-worker", "api", folder, "fix it");
    const { session, workspace } = JSON.parse(line) as Opened;
    expect([workspace.name, session.name, session.folder]).toEqual(["api", "fix it", folder]);
  });

  test("a command of the configuration sits there too", async () => {
    await using world = new TerminalWorld();
    const opened = await open(world, ".", "--agent", "tui");
    await ready(world, opened);
    expect((await world.session(opened.session.id)).session.conversation).toBeNull();
  });
});

test("an answer longer than the screen is read with --history", async () => {
  await using world = new TerminalWorld();
  await open(world, ".");
  const { message } = await world.tell("repo", "scripted: lines 200");
  await world.untilMessage(message.id, "ended");
  const [shown, whole] = [await world.ok("screen", "repo"), await world.ok("screen", "repo", "--history")];
  expect(shown).not.toContain("line 1\n");
  const lines = whole.split("\n").filter((line) => line.startsWith("line "));
  expect(lines).toEqual(Array.from({ length: 200 }, (_, at) => `line ${at + 1}`));
});

test("who waits at a terminal is told to its person once, with the command, and where the answer stands when it is done", async () => {
  await using world = new TerminalWorld();
  const notice =
    'tee -a "$HOME/all" > "$HOME/draft" && echo >> "$HOME/all" && mv "$HOME/draft" "$HOME/$DISPATCH_NOTICE_KIND"';
  await world.ok("config", "set", "notify.command", notice);
  const opened = await open(world, ".", "--task", "flaky tests");
  await ready(world, opened);
  const home = world.environment["HOME"]!;
  await world.ok("tell", "flaky tests", "scripted: ask Bash make deploy");
  await world.appears("needs-you", home);
  expect(await world.ok("inbox")).toContain("dispatch attach 'flaky tests'");
  await world.client.call("interruptSession", { session: opened.session.id }, {});
  await world.appears("done", home);
  const told = readFileSync(join(home, "all"), "utf8").trim().split("\n");
  expect(told.map((line) => JSON.parse(line) as Notice)).toMatchObject([
    {
      kind: "needs-you",
      name: "flaky tests",
      text: "waits at its terminal: Bash: make deploy",
      next: "dispatch attach 'flaky tests'",
    },
    { kind: "done", next: "dispatch screen 'flaky tests'" },
  ]);
});

describe("permissions of a terminal", () => {
  test("are asked about unless somebody says otherwise, for one session, a workspace or all", async () => {
    await using world = new TerminalWorld();
    const permissions = async (...words: string[]) => {
      const { session } = await open(world, ".", "--agent", "codex", ...words);
      await world.ok("stop", session.id);
      return session.permissions;
    };
    expect(await permissions()).toBe("ask");
    expect(await permissions("--task", "a", "--skip-permissions")).toBe("all");
    const on = await world.run("skip-permissions", "on", "--workspace", ".");
    expect(on.stderr).toContain("without asking anybody");
    expect(await permissions("--task", "b")).toBe("all");
    await world.ok("skip-permissions", "off", "--workspace", ".");
    await world.ok("skip-permissions", "on");
    expect(await permissions("--task", "c")).toBe("ask");
    expect(await permissions("--task", "d", "--permissions", "edits")).toBe("edits");
    const both = await world.run("open", ".", "--skip-permissions", "--permissions", "ask");
    expect(both.code).toBe(2);
    const { session } = await world.open({ agent: "codex", prompt: "hello" });
    expect(session.permissions).toBe("all"); // that of tasks
  });

  test("one word for tasks and terminals stays that of the tasks", async () => {
    await using world = new TerminalWorld();
    await world.ok("config", "set", "permissions", "edits");
    await world.ok("skip-permissions", "on");
    const { value } = await world.client.call("getConfig", {}, {});
    expect(value["permissions"]).toEqual({ tasks: "edits", terminals: "all" });
  });

  test("that nothing keeps the program to, or that it refuses to root, are refused", async () => {
    await using world = new TerminalWorld();
    const edits = await world.run("open", ".", "--agent", "tui", "--permissions", "edits");
    expect(edits).toMatchObject({ code: 5, stderr: expect.stringContaining("nothing keeps") });
    const all = await world.run("open", ".", "--skip-permissions");
    const isRoot = process.getuid?.() === 0;
    expect(all.code).toBe(isRoot ? 5 : 0);
    if (isRoot) expect(all.stderr).toContain("Claude Code refuses to run as root without asking");
  });

  test("an agent opens none that may do more than itself", async () => {
    await using world = new TerminalWorld();
    const opened = await open(world, ".", "--agent", "codex");
    await ready(world, opened); // a host that comes up sweeps what bears its session's mark
    const { session } = opened;
    world.environment["DISPATCH_RUN"] = `${session.id}:1`;
    const asked = await world.run("open", ".", "--agent", "codex", "--task", "more", "--skip-permissions");
    expect(asked).toMatchObject({ code: 5, stderr: expect.stringContaining("may do more than the agent") });
    expect((await world.run("skip-permissions", "on")).code).toBe(5);
  });
});

describe("a session in a terminal", () => {
  test("outlives the daemon, is stopped, and goes on in its agent's own conversation", async () => {
    await using world = new TerminalWorld();
    const opened = await open(world, ".");
    await ready(world, opened);
    const { id } = opened.session;
    const { conversation } = (await world.session(id)).session;
    await world.killDaemon();
    expect((await world.session(id)).session).toMatchObject({ epoch: 1, status: { state: "ready" } });
    await world.ok("stop", id);
    await world.untilSession(id, ({ session }) => session.status.state === "stopped");
    await world.ok("session", "resume", id);
    await ready(world, opened);
    expect((await world.session(id)).session).toMatchObject({ epoch: 2, conversation });
    expect((await world.run("session", "set", id, "--thinking", "low")).code).toBe(1);
    await world.ok("session", "rename", id, "mine");
    await world.ok("stop", "mine");
    await world.untilSession(id, ({ session }) => session.status.state === "stopped");
    await world.ok("session", "rm", "mine");
  });

  test("has stopped when its program was left, and is at fault when that failed", async () => {
    await using world = new TerminalWorld();
    const opened = await open(world, ".");
    await ready(world, opened);
    await world.tell(opened.session.id, "scripted: exit 0");
    await world.untilSession(
      opened.session.id,
      ({ session }) => session.status.state === "stopped" && session.status.why === "asked",
    );
    await world.tell(opened.session.id, "scripted: exit 7");
    await world.untilSession(opened.session.id, ({ session }) => session.status.state === "error");
  });
});
