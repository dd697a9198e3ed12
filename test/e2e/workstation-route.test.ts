import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "bun:test";
import { SessionWorld } from "./session-world.ts";
import { reply, type Reply } from "./workstation-client.ts";

/** Somebody with repositories in the usual place, whose daemon serves Workstation's clients. */
class Projects extends SessionWorld {
  readonly userHome: string;

  constructor(...names: string[]) {
    super({ also: "compat: { workstation: true }\n" });
    this.userHome = this.environment["HOME"]!;
    for (const name of names) this.repository(name);
  }

  repository(name: string): string {
    const path = join(this.userHome, "src", name);
    mkdirSync(path, { recursive: true });
    const run = Bun.spawnSync(["git", "init", "-q", path], { env: this.environment });
    if (run.exitCode !== 0) throw new Error(run.stderr.toString());
    return path;
  }

  async ask(type: string, payload: object): Promise<Reply> {
    await this.client.call("health", {}, {});
    return reply(this.userHome, type, payload);
  }

  route(query: string, message = "scripted: text hello"): Promise<Reply> {
    return this.ask("route", { query, message });
  }
}

test("a repository gets its first session, which every further message goes to", async () => {
  await using world = new Projects("api", "web");
  const first = await world.route("api");
  expect(Object.keys(first).slice(0, 6)).toEqual([
    "status",
    "received",
    "targetSessionId",
    "confirmBeforeSend",
    "autoCreated",
    "message",
  ]);
  expect(first).toMatchObject({
    status: "ok",
    received: "route",
    confirmBeforeSend: false,
    autoCreated: true,
    message: "Auto-created worker for api and dispatched command.",
  });
  const second = await world.route("API", "scripted: text again");
  expect(second).toMatchObject({ status: "ok", targetSessionId: first.targetSessionId! });
  expect(second.autoCreated).toBeUndefined();
  await world.untilMessage(second.messageId!, "ended");
  expect(await world.toldIn(first.targetSessionId!)).toEqual([
    "scripted: text hello",
    "scripted: text again",
  ]);
});

test("names that are as likely are told, and nothing is sent or opened", async () => {
  await using world = new Projects("api-client", "api-server", "web");
  expect(await world.route("api")).toEqual({
    status: "error",
    message: 'Multiple repos match "api": api-client, api-server. Please be more specific.',
    suggestions: ["api-client", "api-server"],
  });
  expect(await world.route("wbe")).toEqual({
    status: "error",
    message: 'Could not find repo matching "wbe". Did you mean: web?',
    suggestions: ["web"],
  });
  const unknown = ["zzzzzz", join(world.userHome, "nowhere"), "~/nowhere", "/etc"];
  for (const query of unknown)
    expect(await world.route(query)).toMatchObject({
      status: "error",
      message: `Could not find repo matching "${query}". Please provide the full path.`,
      suggestions: [],
    });
  expect((await world.ask("route", { message: "x" })).message).toBe("Missing or invalid query in payload");
  expect((await world.route("x".repeat(513))).message).toBe("query exceeds maximum length (512)");
  expect((await world.route("web", "")).message).toBe("Missing or invalid message in payload");
  expect((await world.client.call("listSessions", {}, {})).sessions).toEqual([]);
});

test("messages that come at once are told one by one, and a session at work is not disturbed", async () => {
  await using world = new Projects("api");
  const busy = await world.route("api", "scripted: wait-file go\nscripted: text undisturbed");
  const targetSessionId = busy.targetSessionId!;
  await world.untilSession(targetSessionId, ({ session: { status } }) => status.state === "busy");
  const texts = Array.from({ length: 4 }, (_, at) => `scripted: text ${at}\n\nline two\r\nline three`);
  const sent = await Promise.all(
    texts.map((message, at) =>
      at % 2 === 0 ? world.route("api", message) : world.ask("dispatch", { targetSessionId, message }),
    ),
  );
  expect(sent.map(({ status, receipt }) => [status, receipt!.state])).toEqual(
    texts.map(() => ["ok", "queued"]),
  );
  writeFileSync(join(world.userHome, "src/api/go"), "");
  await Promise.all(sent.map(({ messageId }) => world.untilMessage(messageId!, "ended")));
  const told = await world.toldIn(targetSessionId);
  expect(told).toHaveLength(5);
  expect(new Set(told.slice(1))).toEqual(new Set(texts));
  expect(await world.saidIn(targetSessionId)).toStartWith("undisturbed");
});

test("repositories are found, each once, and no file of the user's is changed", async () => {
  await using world = new Projects("api-client", "api_client");
  const marked = join(world.userHome, "src/docs");
  mkdirSync(marked);
  const kept = {
    [join(marked, "CLAUDE.md")]: "# mine\n",
    [join(world.userHome, ".varie/manager/projects.yaml")]: "projects: # mine\n  x: { path: /x, own: 1 }\n",
  };
  for (const [path, text] of Object.entries(kept)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const found = await world.ask("discover_projects", {});
  expect(Object.keys(found)).toEqual(["status", "message", "discovered", "total", "newCount"]);
  const at = (name: string) => join(world.userHome, "src", name);
  expect(found).toMatchObject({
    status: "ok",
    message: "Discovered 3 projects (3 new)",
    total: 3,
    newCount: 3,
  });
  expect(new Set(found.discovered)).toEqual(
    new Set([
      { name: "api-client", path: at("api-client"), hasClaudeMd: false, source: "scanned" },
      { name: "api_client", path: at("api_client"), hasClaudeMd: false, source: "scanned" },
      { name: "docs", path: marked, hasClaudeMd: true, source: "claude_md" },
    ]),
  );
  expect(await world.ask("discover_projects", { path: "~/src/docs" })).toMatchObject({
    total: 1,
    newCount: 0,
    customPath: marked,
  });
  for (const [path, text] of Object.entries(kept)) expect(readFileSync(path, "utf8")).toBe(text);
  const refused = async (path: unknown) => (await world.ask("discover_projects", { path })).message;
  expect(await refused(`${world.userHome}/none`)).toBe(`Path does not exist: ${world.userHome}/none`);
  for (const outside of ["/etc", world.repo, `${world.userHome}/..`, "src"])
    expect(await refused(outside)).toBe("Invalid path: must be under home directory");
  for (const invalid of [7, "", null]) expect(await refused(invalid)).toBe("Invalid path in payload");
});
