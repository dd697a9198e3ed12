import { expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Repository } from "./repository.ts";
import { World } from "./world.ts";

/** A task whose attempts each write one line more, stage nothing, and fail; how it was called. */
async function failing(world: World, ...args: string[]): Promise<string> {
  const script = "scripted: run echo line >> work.txt\nscripted: error no more";
  const slug = await world.dispatch(script, "--name", "grow", ...args);
  await world.settled(slug);
  return slug;
}

async function retried(world: World, slug: string): Promise<void> {
  await world.ok("retry", slug);
  await world.settled(slug);
}

function added(patch: string): string[] {
  return patch.split("\n").filter((line) => /^\+[^+]/.test(line));
}

test("what each attempt left is kept, compared with the start and with each other, until it is cleaned", async () => {
  await using world = new World();
  const slug = await failing(world, "--worktree");
  await retried(world, slug);
  const { path } = (await world.task(slug)).task.worktree!;
  appendFileSync(join(path, "work.txt"), "by hand\n");
  const index = world.git("-C", path, "status", "--porcelain");
  expect(index).toBe("?? work.txt\n");

  expect(added(await world.ok("diff", slug, "--attempt", "1"))).toEqual(["+line"]);
  expect(added(await world.ok("diff", slug, "--attempt", "2"))).toEqual(["+line", "+line"]);
  expect(added(await world.ok("diff", slug, "--attempt", "2", "--since", "1"))).toEqual(["+line"]);
  expect(added(await world.ok("diff", slug, "--since", "2"))).toEqual(["+by hand"]);
  expect(added(await world.ok("diff", slug))).toEqual(["+line", "+line", "+by hand"]);
  expect(await world.ok("diff", slug, "--attempt", "1", "--stat")).toBe("added  +1 -0  work.txt\n");
  expect(world.git("log", "--all", "--format=%s")).toBe("first\n");

  expect(await world.run("diff", slug, "--attempt", "3")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("nothing is kept of attempt 3 of grow: there is no such attempt"),
  });
  expect((await world.run("diff", slug, "--attempt", "x")).code).toBe(2);
  await world.ok("clean", slug, "--force");
  expect(world.git("for-each-ref", "refs/dispatch/attempt")).toBe("");
  expect((await world.run("diff", slug, "--attempt", "1")).code).toBe(3);
});

test("without a worktree, and in several repositories, attempts are kept too", async () => {
  await using world = new World();
  const client = new Repository(world, "client");
  world.write("work.txt", "mine\n");
  const slug = await failing(world, "--also", "../client");
  await retried(world, slug);
  expect(added(await world.ok("diff", slug, "--attempt", "2", "--since", "1"))).toEqual(["+line"]);
  expect(await world.ok("diff", slug, "--attempt", "1", "--stat")).toContain("+1 -0  work.txt");
  const patch = await world.ok("diff", slug, "--attempt", "1", "--only", "client");
  expect(patch).toBe("");
  await world.ok("clean", slug);
  for (const repository of [world, client]) expect(repository.git("for-each-ref", "refs/dispatch")).toBe("");
});
