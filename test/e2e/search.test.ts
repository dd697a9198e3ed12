import { expect, test } from "bun:test";
import type { SearchHit } from "../../src/protocol/search.ts";
import { SessionWorld } from "./session-world.ts";
import { World } from "./world.ts";

interface Found {
  hits: SearchHit[];
  next: number | null;
}

async function find(world: World, ...words: string[]): Promise<SearchHit[]> {
  const { stdout } = await world.run("search", ...words, "--json");
  return (JSON.parse(stdout) as Found).hits;
}

test("everything that was asked, said, done and answered is found as soon as it is there", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    [
      "scripted: text the quick brown",
      "scripted: text  fox jumps",
      'scripted: tool migrate_database {"table":"users"}',
      "scripted: flag the certificate expires",
      "scripted: ask Which colour|red|green",
      "scripted: finish painted everything",
    ].join("\n"),
    "--name",
    "paint",
  );
  await world.until(slug, ({ task }) => task.status.state === "input-required");
  await world.ok("answer", slug, "vermilion please");
  await world.until(slug, ({ task }) => task.status.state === "completed");
  const kinds = async (...words: string[]) => (await find(world, ...words)).map(({ kind }) => kind);
  expect(await kinds("brown fox")).toEqual(["said", "prompt"]);
  expect(await kinds("brown fox", "--kind", "said")).toEqual(["said"]);
  expect(await kinds("migrate_data", "--kind", "tool")).toEqual(["tool"]);
  expect(await kinds("certificate", "--kind", "flag")).toEqual(["flag"]);
  expect(await kinds("which colour", "--kind", "question")).toEqual(["question"]);
  expect(await kinds("vermil", "--kind", "answer")).toEqual(["answer"]);
  expect(await kinds("painted -brown", "--kind", "result")).toEqual(["result"]);
  const [hit] = await find(world, '"fox jumps"', "--kind", "said");
  expect(hit!.name).toBe("paint");
  expect(hit!.marks.map(({ start, end }) => hit!.excerpt.slice(start, end)).join(" ")).toBe("fox jumps");
});

test("what was said is found after the daemon was killed, once each, and in its own workspace only", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: text needle in the haystack");
  await world.settled(slug);
  expect(await find(world, "needle", "--kind", "said")).toHaveLength(1);
  await world.killDaemon();
  expect(await find(world, "needle", "--kind", "said", "--workspace", world.repo)).toHaveLength(1);
  expect(await find(world, "needle", "--task", slug)).not.toHaveLength(0);
  const human = await world.ok("search", "needle");
  expect(human).toContain("needle in the haystack");
});

test("a session is found by what was said in it, and printed whole", async () => {
  await using world = new World();
  const prompt = "scripted: text the albatross lands";
  const { sessionId } = JSON.parse(
    await world.ok("session", "new", "--workspace", world.repo, "--prompt", prompt, "--name", "birds"),
  ) as { sessionId: string };
  for (
    let hits: SearchHit[] = [];
    hits.length === 0;
    hits = await find(world, "albatross", "--kind", "said")
  );
  const [hit] = await find(world, "albatross lands", "--kind", "said");
  expect(hit).toMatchObject({ name: "birds", session: sessionId, task: null });
  const markdown = await world.ok("export", "birds");
  for (const part of ["# birds", "### Prompt", "### Agent", "the albatross lands"])
    expect(markdown).toContain(part);
});

test("a session's own hits are found alone, and none of one that was removed", async () => {
  await using world = new SessionWorld();
  for (const name of ["birds", "ships"]) {
    const { message } = await world.open({ name, prompt: `scripted: text the albatross of ${name}` });
    await world.untilMessage(message!.id, "ended");
  }
  const names = async (...words: string[]) =>
    (await find(world, "albatross", "--kind", "said", ...words)).map(({ name }) => name);
  expect((await names()).toSorted()).toEqual(["birds", "ships"]);
  expect(await names("--session", "ships")).toEqual(["ships"]);
  await world.ok("stop", "ships");
  await world.untilSession("ships", ({ session }) => session.status.state === "stopped");
  await world.ok("session", "rm", "ships");
  expect(await names()).toEqual(["birds"]);
  expect((await world.run("search", "albatross", "--session", "ships")).code).toBe(3);
});

test("a search that cannot be made, or finds nothing, says so", async () => {
  await using world = new World();
  const empty = await world.run("search", "*");
  expect(empty.code).toBe(2);
  expect(empty.stderr).toContain("no word to look for");
  const nothing = await world.run("search", "nothing-like-this");
  expect([nothing.code, nothing.stdout.trim()]).toEqual([3, "Nothing found."]);
  expect((await world.run("search", "x", "--task", "no-such-task")).code).toBe(3);
  expect((await world.run("search", '" OR 1=1 NEAR(', "--limit", "3")).code).toBe(3);
});

test("an export holds the whole conversation, and nobody's backticks break out of their fence", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    [
      "scripted: text Working on it",
      "scripted: ask Why ```?",
      "scripted: finish done ``` # Not a heading",
    ].join("\n"),
    "--name",
    "talk",
  );
  await world.until(slug, ({ task }) => task.status.state === "input-required");
  await world.ok("answer", slug, "because ```");
  await world.settled(slug);
  const markdown = await world.ok("export", slug);
  for (const part of [
    "# talk",
    "## Prompt",
    "### Agent",
    "Working on it",
    "### Question",
    "### Answer",
    "## Result",
  ])
    expect(markdown).toContain(part);
  expect(markdown).toContain("````\nbecause ```\n````");
  const { transcript, prompt } = await world.json<{ transcript: unknown[]; prompt: string }>("export", slug);
  expect(transcript.length).toBeGreaterThan(5);
  expect(prompt).toContain("Working on it");
});
