import { expect, test } from "bun:test";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { World } from "./world.ts";

const EDIT = "scripted: edit a.txt new\nscripted: finish done";

test("with ask each call waits for a person, who sees exactly what it would do", async () => {
  await using world = new World();
  const slug = await world.dispatch(EDIT, "--permissions", "ask");
  const woken = await world.run("wait", slug);
  expect(woken.code).toBe(4);
  expect(woken.stdout).toContain(join(world.repo, "a.txt"));
  expect(woken.stdout).toContain('"content": "new"');
  expect(existsSync(join(world.repo, "a.txt"))).toBe(false);
  expect(await world.ok("approve", slug)).toStartWith("Allowed: ");
  const { task, approvals } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(approvals).toMatchObject([{ status: { state: "applied", verdict: "allow", by: "person" } }]);
  expect(world.read("a.txt")).toBe("new\n");
});

test("a call that is denied is not made, and the worker goes on", async () => {
  await using world = new World();
  const slug = await world.dispatch(EDIT, "--permissions", "ask");
  await world.settled(slug);
  expect(await world.ok("deny", slug, "--reason", "not now")).toStartWith("Denied: ");
  const { task, approvals } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(approvals).toMatchObject([{ status: { state: "applied", verdict: "deny", reason: "not now" } }]);
  expect(existsSync(join(world.repo, "a.txt"))).toBe(false);
});

test("a decision is made once", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: run touch it\nscripted: wait-file go", "--permissions", "ask");
  const { approvals } = await world.settled(slug);
  const both = await Promise.all([
    world.run("approve", slug, approvals[0]!.id),
    world.run("deny", slug, approvals[0]!.id),
  ]);
  expect(both.filter(({ code }) => code === 0)).toHaveLength(1);
  expect(both.find(({ code }) => code === 1)!.stderr).toMatch(
    /^dispatch: error: already decided: (allowed|denied)\n$/,
  );
});

test("--session allows the same tool for the rest of the session, and no other", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: edit a.txt 1\nscripted: edit b.txt 2\nscripted: run touch c\nscripted: finish done",
    "--permissions",
    "ask",
  );
  await world.settled(slug);
  await world.ok("approve", slug, "--session");
  const { approvals } = await world.settled(slug);
  expect(approvals.map(({ call, status }) => [call.tool, status.state])).toEqual([
    ["edit", "applied"],
    ["edit", "applied"],
    ["run", "open"],
  ]);
  await world.ok("approve", slug);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
});

test.each([
  ["edits", ["allow", null, null]],
  ["read-only", ["deny", "deny", "deny"]],
] as const)("what is asked with --permissions %s", async (preset, verdicts) => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: edit in.txt 1\nscripted: edit ../out.txt 2\nscripted: run touch c\nscripted: finish done",
    "--permissions",
    preset,
  );
  for (const verdict of verdicts) {
    if (verdict !== null) continue;
    await world.settled(slug);
    await world.ok("deny", slug);
  }
  const { task, approvals } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  const decided = approvals.map(({ status }) => "by" in status && [status.by, status.verdict]);
  expect(decided).toEqual(verdicts.map((verdict) => (verdict ? ["policy", verdict] : ["person", "deny"])));
});

test("a path that nothing can open ends no agent, and is asked for where its folder is allowed", async () => {
  await using world = new World();
  symlinkSync("loop", join(world.repo, "loop"));
  const calls = [
    'tool Read {"file_path":"loop/x"}',
    `tool Run {"source":"${"x".repeat(400)}"}`,
    'tool Read {"file_path":"a\\u0000b"}',
  ];
  const slug = await world.dispatch(
    [...calls, "edit loop/x evil", "finish done"].map((line) => `scripted: ${line}`).join("\n"),
    "--permissions",
    "edits",
  );
  const { approvals } = await world.settled(slug);
  const paths = [`nowhere: ${join(world.repo, "loop/x")}`];
  expect(approvals).toMatchObject([{ call: { paths }, offer: [], status: { state: "open" } }]);
  await world.ok("deny", slug);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
});

test("with all, which is the default, nobody is asked", async () => {
  await using world = new World();
  const { task, approvals } = await world.settled(await world.dispatch(EDIT));
  expect(task).toMatchObject({ permissions: "all", status: { state: "completed" } });
  expect(approvals).toEqual([]);
  expect(world.read("a.txt")).toBe("new\n");
});

test("a call that waits dies with its task", async () => {
  await using world = new World();
  const slug = await world.dispatch(EDIT, "--permissions", "ask");
  const { approvals } = await world.settled(slug);
  await world.ok("cancel", slug);
  expect((await world.settled(slug)).approvals).toMatchObject([{ status: { state: "withdrawn" } }]);
  const late = await world.run("approve", slug, approvals[0]!.id);
  expect(late.code).toBe(1);
  expect(late.stderr).toContain("withdrawn");
  expect(existsSync(join(world.repo, "a.txt"))).toBe(false);
});

test("an agent's own commands may not decide for its person", async () => {
  await using world = new World();
  const env = { ...world.environment, DISPATCH_RUN: "ses_x:1" };
  const refused = Bun.spawnSync([...world.self, "approve", "anything"], { env });
  expect(refused.exitCode).toBe(5);
  expect(refused.stderr.toString()).toContain("dispatch approve is for people");
});
