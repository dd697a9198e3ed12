import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Approval } from "../../src/protocol/approval.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { Session } from "../../src/protocol/session.ts";
import { SessionWorld } from "./session-world.ts";
import { killIfThere } from "./world.ts";

interface Opened {
  sessionId: string;
  workspaceName: string;
  injectedTodos: string[];
  injectedFiles: string[];
  promptChars: number;
}

/** Opens a session as a user does, and answers what is printed. */
async function open(world: SessionWorld, prompt: string, ...words: string[]): Promise<Opened> {
  const line = await world.ok("session", "new", "--workspace", ".", "--prompt", prompt, ...words);
  return JSON.parse(line) as Opened;
}

/** Waits until the session's agent has nothing to do. */
async function idle(world: SessionWorld, id: string): Promise<void> {
  await world.untilSession(
    id,
    ({ session, messages }) => session.status.state === "ready" && messages.length === 0,
  );
}

describe("dispatch session new", () => {
  test("prints one line of JSON, whatever the flags, and the agent gets the prompt word for word", async () => {
    await using world = new SessionWorld();
    const prompt = "scripted: text use opus in a worktree";
    const line = await world.ok("session", "new", "--workspace", ".", "--prompt", prompt, "--name", "api");
    expect(line.split("\n")).toHaveLength(2);
    const opened = JSON.parse(line) as Opened;
    expect(opened).toEqual({
      sessionId: expect.stringMatching(/^ses_/),
      workspaceId: expect.stringMatching(/^wks_/),
      workspaceName: "repo",
      model: "scripted",
      prompted: true,
      injectedTodos: [],
      injectedFiles: [],
      promptChars: prompt.length,
    } as unknown as Opened);
    await idle(world, opened.sessionId);
    expect(await world.toldIn("api")).toEqual([prompt]);
    expect(await world.saidIn("api")).toBe("use opus in a worktree");
  });

  test("takes TODOs and files along below the prompt, and says which", async () => {
    await using world = new SessionWorld();
    mkdirSync(join(world.repo, ".pi/todos"), { recursive: true });
    const todo = join(world.repo, ".pi/todos/1a2b3c.md");
    writeFileSync(todo, "# Fix it\n");
    world.write("notes.txt", "\n  some notes  \n");
    const prompt = "scripted: text on TODO-1A2B3C";
    const opened = await open(world, prompt, "--context-file", "notes.txt");
    const file = join(world.repo, "notes.txt");
    expect(opened).toMatchObject({ injectedTodos: ["TODO-1a2b3c"], injectedFiles: [file] });
    await idle(world, opened.sessionId);
    const [told] = await world.toldIn(opened.sessionId);
    expect(told).toBe(
      `${prompt}\n\n---\nFull TODO context: TODO-1a2b3c\nSource: ${todo}\n\n# Fix it\n\n\n---\nAttached file context: ${file}\nsome notes`,
    );
    expect(opened.promptChars).toBe(told!.length);
  });

  test("gives the session its model, thinking, permissions and workspace", async () => {
    await using world = new SessionWorld({
      also: "models:\n  small:\n    backend: scripted\n    id: scripted-small\n",
    });
    await world.ok("workspaces", "add", ".", "--name", "api");
    const words = ["--model", "small", "--thinking", "low", "--permissions", "ask"];
    const script = "scripted: model\nscripted: thinking\nscripted: usage 1000 0.5\nscripted: spend 100 50";
    const line = await world.ok("session", "new", "--workspace", "api", "--prompt", script, ...words);
    const { sessionId, workspaceName } = JSON.parse(line) as Opened;
    expect(workspaceName).toBe("api");
    await idle(world, sessionId);
    expect(await world.saidIn(sessionId)).toBe("model scripted-smallthinking low");
    expect((await world.session(sessionId)).session.permissions).toBe("ask");
    const shown = await world.ok("session", "show", sessionId);
    expect(shown).toContain("cost: $0.50\n");
    expect(shown).toContain("tokens: 100 in, 50 out\n");
  });

  test("takes the beginning of a long file along, and says so", async () => {
    await using world = new SessionWorld();
    world.write("long.txt", `${"a".repeat(80_000)}the end`);
    const words = ["--workspace", ".", "--prompt", "scripted: text hello", "--context-file", "long.txt"];
    const { stdout, stderr } = await world.run("session", "new", ...words);
    expect(stderr).toContain("long.txt only the first 80000 characters");
    const { sessionId } = JSON.parse(stdout) as Opened;
    await idle(world, sessionId);
    const [told] = await world.toldIn(sessionId);
    expect(told).toEndWith(`(truncated to 80k chars)\n${"a".repeat(80_000)}`);
  });

  test("opens one session for one idempotency key", async () => {
    await using world = new SessionWorld();
    const first = await open(world, "scripted: text once", "--idempotency-key", "k");
    const second = await open(world, "scripted: text once", "--idempotency-key", "k");
    expect(second.sessionId).toBe(first.sessionId);
  });
});

describe("what a new user gets wrong", () => {
  const NEW = ["session", "new", "--workspace", ".", "--prompt", "x"];
  test.each<[string[], number, string, string]>([
    [["session", "new", "--prompt", "x"], 2, "--workspace is missing", "dispatch session new --help"],
    [["session", "new", "--workspace", "."], 2, "--prompt is missing", "dispatch session new --help"],
    [["session", "new", "--workspace", ".", "--prompt", " "], 2, "--prompt is empty", "dispatch session new"],
    [
      ["session", "new", "--workspace", "nope", "--prompt", "x"],
      3,
      'no workspace "nope"',
      "dispatch projects",
    ],
    [["session", "new", "--workspace", "./nope", "--prompt", "x"], 2, "nope", ""],
    [[...NEW, "--context-file", "nope.txt"], 1, "no context file", "--context-file"],
    [[...NEW, "--todo", "nonesuch"], 1, "no TODO-nonesuch", "nonesuch.md"],
    [
      [...NEW, "--thinking", "much"],
      2,
      "off, minimal, low, medium, high, xhigh",
      "dispatch session new --help",
    ],
    [[...NEW, "--agent", "shell", "--thinking", "low"], 2, "no thinking levels", "--thinking"],
    [[...NEW, "--model", "nope"], 3, 'no model or agent "nope"', "dispatch models"],
    [["session", "nw"], 2, "did you mean new?", "dispatch session new"],
    [["tell", "nope", "hello"], 3, 'no session "nope"', "dispatch sessions"],
    [["tell", "nope"], 2, "MESSAGE… is missing", "dispatch tell --help"],
    [["stop", "nope"], 3, 'no session "nope"', "dispatch sessions"],
    [["logs", "nope"], 3, 'no task and no session "nope"', "dispatch sessions"],
    [["approve", "nope"], 3, 'no task and no session "nope"', "dispatch tasks"],
    [["messages", "nope"], 3, 'no session "nope"', "dispatch sessions"],
    [["session", "set", "nope"], 2, "--model or --thinking is missing", "dispatch session set --help"],
  ])("is told with the next step, and opens nothing: %p", async (words, code, reason, hint) => {
    await using world = new SessionWorld();
    const refused = await world.run(...words);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(reason);
    expect(refused.stderr).toContain(hint);
    expect(refused.stdout).toBe("");
    expect((await world.json<{ sessions: unknown[] }>("sessions")).sessions).toEqual([]);
  });

  test("is a name that two sessions have", async () => {
    await using world = new SessionWorld();
    const [first, second] = [
      await open(world, "scripted: text 1", "--name", "api"),
      await open(world, "scripted: text 2", "--name", "api"),
    ];
    const refused = await world.run("tell", "api", "scripted: text hello");
    expect(refused.code).toBe(3);
    for (const { sessionId } of [first, second]) expect(refused.stderr).toContain(sessionId);
    expect(refused.stderr).toContain("hint: give the whole id");
    await world.ok("tell", second.sessionId, "scripted: text hello");
  });
});

describe("dispatch tell", () => {
  test("says where the message went, how it begins, and its place in the line", async () => {
    await using world = new SessionWorld();
    const { sessionId } = await open(world, "scripted: silence", "--name", "api");
    await world.untilSession(sessionId, ({ session }) => session.status.state === "busy");
    const long = `scripted: text ${"and so on ".repeat(20)}`;
    const lines = (text: string) => text.trimEnd().split("\n");
    expect(lines(await world.ok("tell", "api", "scripted:", "text", "second"))).toEqual([
      `Dispatched to session ${sessionId}.`,
      'Message sent: "scripted: text second"',
      "queued, 1st in line",
    ]);
    expect(lines(await world.ok("tell", "api", long)).slice(1)).toEqual([
      `Message sent: "${long.slice(0, 50)}..."`,
      "queued, 2nd in line",
    ]);
    expect(lines(await world.ok("tell", "api", "--steer", "scripted: text now")).at(-1)).toBe(
      "accepted, next to be told",
    );
    await idle(world, sessionId);
    expect((await world.saidIn(sessionId)).startsWith("nowsecondand so on")).toBe(true);
    const { messages } = await world.json<{ messages: Message[] }>("messages", "api");
    expect(messages.map(({ receipt }) => receipt.state)).toEqual(Array(4).fill("consumed"));
    expect(await world.ok("messages", "api", "--limit", "1")).toContain(
      "More: dispatch messages api --before msg_",
    );
  });

  test("brings back a session that was stopped, in its own conversation", async () => {
    await using world = new SessionWorld();
    const { sessionId } = await open(world, "scripted: text one", "--name", "api");
    await idle(world, sessionId);
    expect(await world.ok("stop", "api")).toContain("api is");
    await world.untilSession(sessionId, ({ session }) => session.status.state === "stopped");
    expect(await world.ok("sessions")).toMatch(/^api +stopped +repo +scripted/);
    await world.ok("tell", "api", "scripted: recall");
    await idle(world, sessionId);
    expect(await world.ok("sessions")).toMatch(/^api +idle/);
    expect(await world.ok("logs", "api")).toContain("turns 2");
  });

  test("of an agent says that it is one, and what it may not do waits for a person", async () => {
    await using world = new SessionWorld();
    const asking = await open(world, "scripted: text hello", "--permissions", "ask", "--name", "asking");
    const free = await open(world, "scripted: text hello", "--name", "free");
    await Promise.all([idle(world, asking.sessionId), idle(world, free.sessionId)]);
    world.environment["DISPATCH_RUN"] = `${asking.sessionId}:1`;
    const told = await world.run("tell", "free", "scripted: text done for it");
    expect(told.code).toBe(4);
    expect(told.stdout).toContain("held: the session's agent may do more than the sender's");
    const [, message] = /dispatch release (msg_\S+),/.exec(told.stdout)!;
    for (const words of [
      ["release", message!],
      ["refuse", message!],
      ["approve", "free"],
      ["deny", "free"],
    ])
      expect((await world.run(...words)).code).toBe(5);
    world.environment["DISPATCH_RUN"] = "";
    expect(await world.ok("inbox")).toContain(`dispatch release ${message}`);
    await world.ok("release", message!);
    await world.untilMessage(message!, "ended");
    expect(await world.saidIn("free")).toContain("done for it");
    expect(await world.ok("messages", "free")).toMatch(/ asking +taken by the agent/);
    world.environment["DISPATCH_RUN"] = "somebody";
    expect((await world.run("tell", "free", "hello")).code).toBe(5);
  });
});

test("an agent hands over, notes and answers nothing that may do more than it may", async () => {
  await using world = new SessionWorld();
  const wide = await world.dispatch("scripted: ask which?\nscripted: finish done", "--name", "wide");
  await world.settled(wide);
  const { sessionId } = await open(world, "scripted: text hello", "--permissions", "ask", "--name", "asking");
  await idle(world, sessionId);
  world.write("tasks.yaml", "tasks: [{prompt: hello, permissions: all}]\n");
  world.environment["DISPATCH_RUN"] = `${sessionId}:1`;
  for (const words of [
    ["run", "hello", "--permissions", "all"],
    ["run", "--task", "hello", "--task", "again", "--permissions", "edits"],
    ["run", "-f", "tasks.yaml"],
    ["note", wide, "hello"],
    ["answer", wide, "this"],
  ]) {
    const { code, stderr } = await world.run(...words);
    expect([code, stderr]).toEqual([5, expect.stringContaining("may do more than the agent that asks")]);
  }
  const { stderr } = await world.run("run", "scripted: finish done", "--name", "narrow");
  expect(stderr).toContain("narrow may do what the agent may that hands it over: ask");
  expect((await world.task("narrow")).task.permissions).toBe("ask");
  world.environment["DISPATCH_RUN"] = "";
  expect((await world.json<{ tasks: unknown[] }>("tasks", "--state", "all")).tasks).toHaveLength(2);
  await world.ok("answer", wide, "this");
});

describe("a tool call of a session", () => {
  test("is listed, and decided by the session's name or by its own id", async () => {
    await using world = new SessionWorld();
    const script = "scripted: edit a.txt one\nscripted: edit b.txt two";
    const { sessionId } = await open(world, script, "--permissions", "ask", "--name", "api");
    await world.untilSession(sessionId, ({ approvals }) => approvals.length === 1);
    expect(await world.ok("sessions")).toContain("waits: approval");
    expect(await world.ok("approvals")).toMatch(/ api +edit: .*a\.txt/);
    expect(await world.ok("status", "api")).toContain("Next: dispatch approve apr_");
    expect(await world.ok("inbox")).toMatch(/^api wants to use edit: .*\n +dispatch approve apr_/);
    expect(await world.ok("approve", "api")).toContain("Allowed: edit");
    await world.untilSession(sessionId, ({ approvals }) =>
      approvals.some(({ call }) => call.title.includes("b.txt")),
    );
    const { approvals } = await world.json<{ approvals: Approval[] }>("approvals", "api");
    expect(approvals).toHaveLength(1);
    expect(await world.ok("deny", approvals[0]!.id, "--reason", "not that")).toContain("Denied: edit");
    expect((await world.run("approve", approvals[0]!.id)).code).toBe(1);
    await idle(world, sessionId);
    expect(world.read("a.txt")).toContain("one");
    expect(await Bun.file(join(world.repo, "b.txt")).exists()).toBe(false);
    expect(await world.run("approve", "api")).toMatchObject({ code: 3 });
    expect(await world.ok("approvals", "--all")).toMatch(/denied[\s\S]*allowed/);
  });
});

describe("dispatch logs", () => {
  test("shows the last lines alone, of a task as of a session", async () => {
    await using world = new SessionWorld();
    const { sessionId } = await open(
      world,
      "scripted: flood 400 20\nscripted: text the end",
      "--name",
      "api",
    );
    await idle(world, sessionId);
    const slug = await world.dispatch("scripted: text first\nscripted: finish it is done");
    await world.settled(slug);
    for (const name of ["api", slug]) {
      const all = (await world.ok("logs", name)).split("\n");
      expect(await world.ok("logs", name, "-n", "3")).toBe(all.slice(-4).join("\n"));
      expect(await world.ok("logs", name, "-n", "5000")).toBe(all.join("\n"));
      const events = (await world.ok("logs", name, "--json")).split("\n");
      expect(await world.ok("logs", name, "--json", "-n", "2")).toBe(events.slice(-3).join("\n"));
    }
    const { events } = await world.client.call("getSessionEvents", { session: "api" }, { limit: 5_000 });
    const page = await world.client.call("getSessionEvents", { session: "api" }, { last: 4 });
    expect(page).toEqual({ events: events.slice(-4), position: events.at(-1)!.position, more: false });
    expect((await world.run("logs", "api", "-n", "0")).code).toBe(2);
  });

  test("follows a session, also over a restart of the daemon", async () => {
    await using world = new SessionWorld();
    const { sessionId } = await open(world, "scripted: text one", "--name", "api");
    await idle(world, sessionId);
    const logs = world.start("logs", "api", "-f", "-n", "1");
    const reader = logs.stdout.getReader();
    let text = "";
    const until = async (words: string) => {
      while (!text.includes(words)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`logs ended: ${text}`);
        text += new TextDecoder().decode(value);
      }
    };
    await until("one");
    expect(text).not.toContain("prompt");
    await world.killDaemon();
    await world.ok("tell", "api", "scripted: text two");
    await until("two");
    logs.kill("SIGINT");
    expect(await logs.exited).toBe(130);
  });
});

describe("a session", () => {
  test("is shown, renamed, given another level, and forgotten once it is stopped", async () => {
    await using world = new SessionWorld();
    const { sessionId } = await open(world, "scripted: text hello");
    await idle(world, sessionId);
    expect(await world.ok("session", "rename", sessionId, "back", "end")).toBe(`${sessionId} is back end.\n`);
    expect(await world.ok("session", "set", "back end", "--thinking", "high")).toContain("thinking high");
    await world.ok("tell", "back end", "scripted: thinking");
    await idle(world, sessionId);
    expect(await world.saidIn(sessionId)).toBe("hellothinking high");
    expect(await world.ok()).toMatch(/Sessions\n +back end +idle/);
    expect(await world.run("session", "rm", "back end")).toMatchObject({ code: 1 });
    await world.ok("stop", "back end");
    await world.untilSession(sessionId, ({ session }) => session.status.state === "stopped");
    expect(await world.ok("session", "rm", "back end")).toBe("Removed back end.\n");
    expect((await world.json<{ sessions: unknown[] }>("sessions")).sessions).toEqual([]);
  });

  test("is forked: the new one knows what was said, and each goes its own way", async () => {
    await using world = new SessionWorld();
    const { sessionId } = await open(world, "scripted: text one", "--name", "api");
    await idle(world, sessionId);
    const forked = await world.ok("session", "fork", "api", "--name", "other");
    const [, fork] = /^Forked to session (ses_\S+)\.\nNext: dispatch tell/.exec(forked)!;
    await world.ok("tell", "other", "scripted: recall");
    await idle(world, fork!);
    expect(await world.saidIn("other")).toBe("turns 2");
    expect(await world.toldIn("api")).toEqual(["scripted: text one"]);
    expect(await world.ok("session", "show", "other")).toContain(`forked from: ${sessionId}`);
  });

  test("is among what is listed page by page, of one workspace, or with an agent", async () => {
    await using world = new SessionWorld();
    const ids: string[] = [];
    for (const name of ["one", "two", "three"])
      ids.push((await open(world, "scripted: text x", "--name", name)).sessionId);
    await Promise.all(ids.map((id) => idle(world, id)));
    await world.ok("stop", "one");
    await world.untilSession(ids[0]!, ({ session }) => session.status.state === "stopped");
    const names = async (...words: string[]) =>
      (await world.json<{ sessions: Session[] }>("sessions", ...words)).sessions.map(({ name }) => name);
    expect(await names("--limit", "2")).toEqual(["three", "two"]);
    expect(await names("--before", ids[1]!)).toEqual(["one"]);
    expect(await names("--state", "live")).toEqual(["three", "two"]);
    expect(await names("--workspace", ".")).toHaveLength(3);
    expect(await world.ok("completions", "ids")).toBe("three\ntwo\none\n");
  });

  test("that is forgotten takes what a person was to decide with it, and no decision brings its agent back", async () => {
    await using world = new SessionWorld();
    const { sessionId } = await open(world, "scripted: text one", "--name", "gone");
    await idle(world, sessionId);
    expect(await world.run("tell", "gone", "--wait", "scripted: crash")).toMatchObject({ code: 4 });
    const { messages } = await world.json<{ messages: Message[] }>("messages", "gone");
    await world.ok("session", "rm", "gone");
    expect(await world.ok("inbox")).toBe("Nothing needs you.\n");
    expect(await world.run("release", messages[0]!.id)).toMatchObject({
      code: 1,
      stderr: `dispatch: error: ${messages[0]!.id} is not held: it is refused\n`,
    });
  });

  test("of a task is shown by the task's name, with the command that ends it", async () => {
    await using world = new SessionWorld();
    const slug = await world.dispatch("scripted: wait-file go\nscripted: finish done", "--name", "work");
    await world.until(slug, ({ task }) => task.status.state === "working");
    expect(await world.ok("session", "show", slug)).toStartWith("work  ");
    expect(await world.run("stop", slug)).toMatchObject({
      code: 1,
      stderr:
        "dispatch: error: this is the session of the task work, which has its own commands\n" +
        "dispatch: hint: dispatch status work, or to end it dispatch cancel work\n",
    });
    world.write("go", "");
    await world.settled(slug);
  });

  test("that was lost with the machine goes on with resume --all, and one that was stopped does not", async () => {
    await using world = new SessionWorld();
    const { sessionId } = await open(world, "scripted: text one", "--name", "api");
    const nameless = await open(world, "scripted: text one");
    const stopped = await open(world, "scripted: text one", "--name", "stopped");
    await Promise.all([sessionId, nameless.sessionId, stopped.sessionId].map((id) => idle(world, id)));
    await world.ok("stop", "stopped");
    await world.untilSession(stopped.sessionId, ({ session }) => session.status.state === "stopped");
    expect(await world.ok("resume", "--all")).toBe("Nothing to resume.\n");
    for (let pids = world.processes(); pids.length > 0; pids = world.processes()) pids.forEach(killIfThere);
    for (const id of [sessionId, nameless.sessionId])
      await world.untilSession(id, ({ session }) => session.status.state === "stopped");
    expect(await world.ok("sessions", "--workspace", ".")).toMatch(/^api +lost/m);
    expect(await world.ok("status", "api")).toContain("Next: dispatch session resume ses_");
    expect((await world.ok("resume", "--all")).split("\n").toSorted()).toEqual([
      "",
      "api goes on.",
      "repo goes on.",
    ]);
    await world.ok("tell", "api", "scripted: recall");
    await idle(world, sessionId);
    expect(await world.saidIn("api")).toBe("oneturns 2");
    expect(await world.ok("resume", "stopped")).toBe("stopped goes on.\n");
    expect(await world.ok("session", "resume", "stopped")).toBe("stopped goes on.\n");
  });
});

test("a picture goes along with a message, and what is none does not", async () => {
  await using world = new SessionWorld();
  await world.open({ name: "eyes" });
  world.write("shot.png", "not really");
  await world.ok("tell", "eyes", "look at it", "--image", "shot.png");
  await world.untilSession("eyes", ({ session, messages }) => session.epoch > 0 && messages.length === 0);
  expect(await world.saidIn("eyes")).toContain("image/png of 16 characters");
  for (const name of ["shot.svg", "gone.png"])
    expect((await world.run("tell", "eyes", "look", "--image", name)).code).toBeOneOf([2, 3]);
  world.write("huge.png", "x".repeat(4 * 1024 * 1024));
  const huge = await world.run("tell", "eyes", "look", "--image", "huge.png");
  expect(huge).toMatchObject({ code: 2, stderr: expect.stringContaining("more than 4 MiB together") });
});
