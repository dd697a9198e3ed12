import { expect, test } from "bun:test";
import { Terminal } from "./terminal.ts";
import { World } from "./world.ts";

/** The parts of what a bare `dispatch` prints, by their first line. */
async function overview(world: World): Promise<Record<string, string>> {
  const parts = (await world.ok()).trimEnd().split("\n\n");
  return Object.fromEntries(
    parts.map((part) => [part.split("\n")[0]!, part.split("\n").slice(1).join("\n")]),
  );
}

test("a bare dispatch says what needs you, what runs, who is there, and what ended lately", async () => {
  await using world = new World();
  expect(Object.keys(await overview(world))).toEqual([
    "Default model: scripted",
    "Nothing needs you.",
    'Nothing runs. Hand something over: dispatch run "<what is to be done>"',
  ]);
  await world.dispatch("scripted: finish wrote it", "--name", "written");
  await world.settled("written");
  await world.dispatch("scripted: ask Which?", "--name", "asking");
  await world.settled("asking");
  await world.ok("session", "new", "--workspace", ".", "--name", "talk", "--prompt", "scripted: text hello");
  const parts = await overview(world);
  expect(parts["Needs you"]).toContain("dispatch answer asking");
  expect(parts["Open tasks"]).toMatch(/^ *asking +/);
  expect(parts["Sessions"]).toMatch(/^ *talk +/);
  expect(parts["Ended lately"]).toMatch(/^ *written +completed +/);
});

test("sessions are listed by the names that people know, those of tasks while their agents run", async () => {
  await using world = new World();
  await world.ok("session", "new", "--workspace", ".", "--prompt", "scripted: text hello");
  await world.dispatch("scripted: finish wrote it", "--name", "written");
  await world.settled("written");
  await world.dispatch("scripted: ask Which?", "--name", "asking");
  await world.settled("asking");
  expect(await world.ok("sessions", "--state", "error")).toContain("dispatch open .");
  const listed = async (...flags: string[]) => {
    const lines = (await world.ok("sessions", ...flags)).trimEnd().split("\n");
    return lines.map((line) => line.split(/ +/)[0]);
  };
  expect(await listed()).toEqual(["asking", "repo"]);
  expect(await listed("--state", "all")).toEqual(["asking", "written", "repo"]);
  expect(await listed("--origin", "task")).toEqual(["asking", "written"]);
});

test("on a terminal each task has one line, and a command's help is whole", async () => {
  await using world = new World();
  await world.dispatch(`scripted: finish ${"a long title ".repeat(10)}`, "--name", "long");
  await world.settled("long");
  const size = { cols: 80, rows: 60 };
  await using overview = new Terminal(world, size);
  expect(await overview.exited).toBe(0);
  const lines = (await overview.shows((text) => text.includes("Ended lately"))).trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^ {2}long +completed .*…$/);
  await using help = new Terminal(world, size, "help", "run");
  const text = await help.shows((shown) => shown.includes("--home DIR"));
  expect(text).toContain("how long the model thinks; dispatch agents says\n");
  expect(text).toMatch(/^ +what each agent can be told$/m);
});

test("a command or a value that is to be copied from the terminal is whole there", async () => {
  await using world = new World();
  world.environment["PATH"] = "/usr/bin:/bin";
  const size = { cols: 60, rows: 60 };
  const joined = (text: string) => text.replaceAll(/\s/g, "");
  await using agents = new Terminal(world, size, "agents");
  const listed = await agents.shows((text) => text.includes("daemon restart"));
  expect(joined(listed)).toContain(joined("npm install -g @anthropic-ai/claude-code"));
  await using config = new Terminal(world, size, "config");
  const set = await config.shows((text) => text.includes("web.port"));
  expect(joined(set)).toContain(joined(await world.ok("config", "get", "backends.scripted.command")));
});
