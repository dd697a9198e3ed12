import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallAnswer } from "../../src/protocol/api.ts";
import type { RouteAnswer } from "../../src/protocol/routing.ts";
import { SessionWorld } from "./session-world.ts";
import { TerminalWorld } from "./terminal-world.ts";

/** Somebody with repositories in the usual place. */
class Projects extends SessionWorld {
  constructor(...names: string[]) {
    super();
    for (const name of names) this.repository(name);
  }

  /** A real repository in `~/src`. */
  repository(name: string): string {
    const path = this.folder(name);
    const run = Bun.spawnSync(["git", "init", "-q", path], { env: this.environment });
    if (run.exitCode !== 0) throw new Error(run.stderr.toString());
    return path;
  }

  folder(name: string): string {
    const path = join(this.root, "user", "src", name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  routed(query: string, message: string, key?: string): Promise<RouteAnswer> {
    const { environment } = this;
    return this.client.call("route", {}, { query, message, environment }, { key });
  }

  planned(query: string): Promise<RouteAnswer> {
    return this.client.call("route", {}, { query, dryRun: true });
  }

  async sessionCount(): Promise<number> {
    return (await this.client.call("listSessions", {}, { limit: 500 })).sessions.length;
  }
}

function session(stdout: string): string {
  return /Dispatched to session (ses_\S+)\./.exec(stdout)![1]!;
}

describe("dispatch route", () => {
  test("opens a repository's first session, and finds it from then on", async () => {
    await using world = new Projects("api", "web");
    const first = await world.ok("route", "api", "scripted: text first");
    const id = session(first);
    expect(first).toBe(
      [
        "Opened the first session of api.",
        `Dispatched to session ${id}.`,
        'Message sent: "scripted: text first"',
        "accepted, next to be told",
        `Chosen: api in ${world.folder("api")}, its first session ${id}: the repository is called that (100)\n`,
      ].join("\n"),
    );
    const second = await world.ok("route", "API", "scripted:", "text", "second");
    expect(session(second)).toBe(id);
    expect(second).not.toContain("Opened");
    expect(second).toContain("it is the one without a name (+20)");
    const { messages } = await world.client.call("listMessages", { session: id }, {});
    for (const message of messages) await world.untilMessage(message.id, "ended");
    expect(await world.toldIn(id)).toEqual(["scripted: text first", "scripted: text second"]);
    expect(await world.sessionCount()).toBe(1);
    expect((await world.session(id)).session).toMatchObject({ name: null, folder: world.folder("api") });
  });

  test("says where several are as likely, and sends nothing", async () => {
    await using world = new Projects("api-client", "api-server");
    const { code, stdout, stderr } = await world.run("route", "api", "scripted: text no");
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toBe(
      [
        'dispatch: error: "api" can mean 2 of them',
        `  api-client in ${world.folder("api-client")}, no session yet`,
        `  api-server in ${world.folder("api-server")}, no session yet`,
        "dispatch: hint: dispatch route <query> <message> --dry-run says why; name one of them more fully\n",
      ].join("\n"),
    );
    await world.ok("route", "api-client", "scripted: text yes");
    expect((await world.run("route", "api", "scripted: text no")).code).toBe(3); // its use decides nothing
    expect(await world.sessionCount()).toBe(1);
  });

  test("explains itself without doing anything", async () => {
    await using world = new Projects("api", "api-client");
    const plan = await world.run("route", "api", "--dry-run");
    expect(plan.code).toBe(0);
    expect(plan.stdout.split("\n")).toMatchObject([
      "It would open the first session of api.",
      expect.stringMatching(/^ {2}100 {2}api in .*: the repository is called that \(100\)$/),
      expect.stringMatching(
        /^ {2}70 {3}api-client in .*: the repository has it as a word of its name \(70\)$/,
      ),
      "",
    ]);
    expect((await world.run("route", "ap", "--dry-run")).code).toBe(3);
    expect((await world.run("route", "billing", "--dry-run")).code).toBe(3);
    expect(await world.sessionCount()).toBe(0);
    expect(await world.run("route", "api")).toMatchObject({ code: 2 }); // nothing to send
  });

  test("suggests names for one that is nobody's", async () => {
    await using world = new Projects("api", "billing", "web");
    const { code, stderr } = await world.run("route", "wbe", "hello");
    expect(code).toBe(3);
    expect(stderr).toStartWith(
      'dispatch: error: no session, task or repository "wbe"; did you mean one of these?\n  web\n',
    );
  });

  test("looks again for a name that nobody has, and before it opens a session at a guess", async () => {
    await using world = new Projects("api-client");
    expect(await world.planned("api")).toMatchObject({ verdict: { kind: "first" } });
    world.repository("late");
    await world.killDaemon(); // the next one knows what this one found, and may look at once
    expect(await world.planned("late")).toMatchObject({ verdict: { kind: "first" } });
    world.repository("api-server");
    await world.killDaemon();
    expect(await world.planned("api")).toMatchObject({ verdict: { kind: "ambiguous", among: 2 } });
    renameSync(world.folder("late"), world.folder("later-still"));
    expect(await world.planned("late")).toMatchObject({ verdict: { kind: "nothing" } });
  });

  test("reaches a task's worker by the task's name, and a repository's own session by the repository's", async () => {
    await using world = new Projects("api");
    const at = ["--workspace", world.folder("api")];
    const slug = await world.dispatch(
      "scripted: wait-file go\nscripted: finish ok",
      "--name",
      "fix-tests",
      ...at,
    );
    await world.until(slug, ({ task }) => task.status.state === "working");
    const told = await world.ok("route", "fix-tests", "the database is up again");
    expect(told).toContain("the task is called that (100)");
    const { task } = await world.task(slug);
    expect(session(told)).toBe(task.session!);
    const own = await world.run("route", "api", "scripted: text hello");
    expect(own.stdout).toContain("Opened the first session of api.");
    expect(own.stderr).toBe("dispatch: note: 1 task is open in api as well\n");
    expect(session(own.stdout)).not.toBe(task.session!);
  });

  test("names a session by what it is about, and by its own name", async () => {
    await using world = new Projects("api", "web");
    const opened = async (name: string, workspace: string, prompt: string) =>
      (await world.open({ workspace: world.folder(workspace), name, prompt })).session.id;
    const billing = await opened("billing", "api", "scripted: text the failing migration of invoices");
    const styles = await opened("styles", "web", "scripted: text dark colours");
    for (const [query, id] of [
      ["billing", billing],
      ["web", styles],
      ["the failing migration", billing],
      ["api: invoices", billing],
      [styles, styles],
      ["stlyes", styles],
    ] as const)
      expect([query, (await world.planned(query)).candidates[0]!.session]).toEqual([query, id]);
  });

  test("takes a path that is there, is a folder and may be worked in", async () => {
    await using world = new Projects("api");
    const api = world.folder("api");
    const file = join(api, "file");
    writeFileSync(file, "");
    symlinkSync("/", join(api, "everything"));
    symlinkSync(api, join(world.root, "user", "link"));
    const outside = `${world.root}/user-of-another`;
    mkdirSync(outside);
    for (const [path, code] of [
      [join(api, "missing"), 2],
      [file, 2],
      [outside, 5],
      [join(api, "everything"), 5],
      ["/", 5],
      [`${api}/../../../user-of-another`, 5],
    ] as const) {
      const { code: exit, stderr } = await world.run("route", path, "hello");
      expect([path, exit, stderr.includes("dispatch: hint:")]).toEqual([path, code, true]);
    }
    expect(await world.sessionCount()).toBe(0);
    const id = session(await world.ok("route", join(world.root, "user", "link"), "scripted: text hi"));
    expect(session(await world.ok("route", "~/src/api", "scripted: text hi"))).toBe(id);
    mkdirSync(join(api, "src"));
    expect(session(await world.ok("route", join(api, "src"), "scripted: text hi"))).toBe(id);
    expect((await world.session(id)).session.folder).toBe(api);
    await world.ok("workspaces", "add", outside);
    expect(await world.ok("route", outside, "scripted: text hi")).toContain("Opened the first session of");
    await world.ok("workspaces", "add", ".");
    mkdirSync(join(world.repo, "packages"));
    expect((await world.planned(join(world.repo, "packages"))).verdict.kind).toBe("first");
  });

  test("opens one first session for callers that come together, and for one that asks again", async () => {
    await using world = new Projects("api");
    const together = await Promise.all(
      Array.from({ length: 8 }, (_, at) => world.routed("api", `scripted: text ${at % 4}`, `key-${at % 4}`)),
    );
    expect(new Set(together.map((each) => each.session!.id)).size).toBe(1);
    expect(await world.sessionCount()).toBe(1);
    expect(new Set(together.map(({ message }) => message!.id)).size).toBe(4);
    await world.killDaemon();
    const again = await world.routed("api", "scripted: text 0", "key-0");
    expect(again.message!.id).toBe(together[0]!.message!.id);
    expect(await world.sessionCount()).toBe(1);
  });

  test("opens one first session and sends once, whenever the daemon dies", async () => {
    await using world = new Projects("api", "web");
    await world.routed("web", "scripted: text warm");
    const going = ["one", "two", "three"].map((key) => world.routed("api", `scripted: text ${key}`, key));
    await world.killDaemon();
    const sent = await Promise.all(going);
    const again = await Promise.all(
      ["one", "two", "three"].map((key) => world.routed("api", `scripted: text ${key}`, key)),
    );
    expect(again.map(({ message }) => message!.id)).toEqual(sent.map(({ message }) => message!.id));
    expect(new Set(sent.map(({ session }) => session!.id)).size).toBe(1);
    expect(await world.sessionCount()).toBe(2);
  });

  test("shows hostile text as text", async () => {
    await using world = new Projects("api");
    const hostile = "\u001b[2Japi'; rm -rf ~; \u202eipa `$(id)`\n\n../../etc";
    const { code, stderr } = await world.run("route", hostile, "x");
    expect(code).toBe(3);
    expect(stderr).not.toContain("\u001b");
    expect(stderr.split("\n")[0]).toContain("no session, task or repository");
    expect((await world.run("route", "a".repeat(2_000), "x")).code).toBe(2);
    expect((await world.run("route", "  ", "x")).code).toBe(2);
  });
});

test("the first session of an agent with a terminal sits in one, where it is told", async () => {
  await using world = new TerminalWorld();
  await world.ok("workspaces", "add", ".", "--name", "api");
  const routed = await world.ok("route", "api", "scripted: say hello");
  const id = session(routed);
  const { session: opened } = await world.session(id);
  expect(opened).toMatchObject({ kind: "terminal", name: null, agent: "claude", permissions: "ask" });
  const { messages } = await world.client.call("listMessages", { session: id }, {});
  await world.untilMessage(messages[0]!.id, "delivered", "consumed", "ended");
  expect(session(await world.ok("route", "repo", "scripted: say again"))).toBe(id);
});

test("a repository's name opens sessions there, and one that is nearly that suggests it", async () => {
  await using world = new TerminalWorld();
  for (const name of ["client", "one/shop", "other/shop"])
    Bun.spawnSync(["git", "init", "-q", join(world.root, "user", "src", name)], { env: world.environment });
  const at = (name: string) => join(world.root, "user", "src", name);
  expect(await world.ok("open", "client")).toStartWith(`Opened client in ${at("client")} using claude.`);
  expect(await world.ok("open", "one/shop", "--task", "till")).toStartWith(
    `Opened till in ${at("one/shop")}`,
  );
  expect((await world.open({ workspace: "Client" })).workspace.path).toBe(at("client"));
  expect(await world.run("open", "cleint")).toMatchObject({
    code: 3,
    stderr:
      'dispatch: error: no workspace "cleint", and no project\n  client\ndispatch: hint: dispatch projects\n',
  });
  expect(await world.run("open", "other")).toMatchObject({ code: 3 });
});

describe("dispatch projects", () => {
  test("finds repositories and agents' folders, three deep, and changes nothing", async () => {
    await using world = new Projects(
      "api",
      "deep/er/one",
      "too/deep/to/find",
      "archive/old",
      ".hidden/x",
      "api/inner",
    );
    writeFileSync(join(world.folder("notes"), "CLAUDE.md"), "# notes\n");
    writeFileSync(join(world.folder("notes/agents"), "AGENTS.md"), "# agents\n");
    writeFileSync(join(world.folder("worktree"), ".git"), "gitdir: /nowhere\n");
    world.repository("node_modules/package");
    symlinkSync(world.folder("."), join(world.folder("notes"), "loop"));
    symlinkSync(world.folder("api"), join(world.root, "user", "src", "same"));
    symlinkSync(world.repo, join(world.root, "user", "src", "elsewhere"));
    const tree = () => Bun.spawnSync(["find", world.folder(".")]).stdout.toString();
    const before = tree();
    const found = await world.json<CallAnswer<"discoverProjects">>("projects", "discover");
    expect(found).toMatchObject({ roots: [world.folder(".")], added: 5, complete: true });
    expect(found.projects.map(({ path, signs }) => [path.slice(found.roots[0]!.length + 1), signs])).toEqual([
      ["notes/agents", ["AGENTS.md"]],
      ["api", [".git"]],
      ["notes", ["CLAUDE.md"]],
      ["deep/er/one", [".git"]],
      ["worktree", [".git"]],
    ]);
    expect(tree()).toBe(before);
    expect(readFileSync(join(world.folder("notes"), "CLAUDE.md"), "utf8")).toBe("# notes\n");
    expect(await world.json("projects", "discover")).toMatchObject({ added: 0 });
    rmSync(world.folder("worktree"), { recursive: true });
    await world.ok("projects", "discover", "~/src");
    expect(await world.ok("projects")).not.toContain("worktree");
  });

  test("a session that is opened by a project's name takes that project's TODOs along", async () => {
    await using world = new Projects("blog");
    const todos = join(world.folder("blog"), ".pi/todos");
    mkdirSync(todos, { recursive: true });
    writeFileSync(join(todos, "abc123.md"), "# Write\n");
    const words = ["--prompt", "scripted: text on it", "--todo", "TODO-abc123"];
    const opened = JSON.parse(await world.ok("session", "new", "--workspace", "Blog", ...words)) as object;
    expect(opened).toMatchObject({ workspaceName: "blog", injectedTodos: ["TODO-abc123"] });
  });

  test("are looked for where the configuration says, and learned from use", async () => {
    await using world = new Projects("api");
    const other = join(world.root, "other");
    Bun.spawnSync(["git", "init", "-q", join(other, "tool")], { env: world.environment });
    await world.ok("config", "set", "projects.roots", JSON.stringify([other, "~/src", "~/missing"]));
    expect(await world.ok("doctor")).toContain("projects.roots: ~/missing is no folder");
    const names = async () =>
      (await world.client.call("listProjects", {}, {})).projects.map(({ name, uses }) => [name, uses]);
    expect(await names()).toEqual([
      ["api", 0],
      ["tool", 0],
    ]);
    await world.routed("tool", "scripted: text hi");
    await world.dispatch("scripted: finish ok");
    await world.routed("tool", "scripted: text hi");
    expect(await names()).toEqual([
      ["tool", 2],
      ["repo", 1],
      ["api", 0],
    ]);
    const deep = world.repository("a/b/c/deep");
    const file = join(world.home, "config.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("~/missing", "~/src/a/b"));
    expect((await world.planned("deep")).candidates[0]).toMatchObject({ path: deep });
    expect((await world.run("projects", "--limit", "1")).stdout).toContain(
      "More: dispatch projects --offset 1",
    );
    expect(await world.run("projects", "discover", "/etc")).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/hint: dispatch config set projects\.roots '\[.*"\/etc"\]'\n$/),
    });
    const empty = await world.run("route", "", "hello");
    expect(empty.stderr).toBe("dispatch: error: query: it is empty\n");
    expect((await world.run("projects", "discover", "~/nope")).code).toBe(2);
  });
});
