import { expect, test } from "bun:test";
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { World } from "./world.ts";

test.each([["/nowhere/at/all"], ["readme.txt"], ["no-such-name"]])(
  "a workspace that is no folder is refused: %s",
  async (workspace) => {
    await using world = new World();
    const refused = await world.run("run", "scripted: finish done", "--workspace", workspace);
    expect([2, 3]).toContain(refused.code);
    expect(refused.stderr).toMatch(/^dispatch: error: [^\n]+\n(dispatch: hint: [^\n]+\n)?$/);
    expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toEqual([]);
  },
);

test("a workspace whose folder was removed is refused by its name, too", async () => {
  await using world = new World();
  const gone = join(world.root, "gone");
  mkdirSync(gone);
  await world.ok("workspaces", "add", gone, "--name", "shop");
  rmdirSync(gone);
  for (const words of [
    ["run", "scripted: finish done"],
    ["run", "--task", "scripted: finish one", "--task", "scripted: finish two"],
    ["session", "new", "--prompt", "hello"],
  ])
    expect(await world.run(...words, "--workspace", "shop")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${gone} does not exist\ndispatch: hint: mkdir -p ${gone}\n`),
    });
  expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toEqual([]);
  expect(await world.ok("workspaces")).toContain("shop");
});

test("a worktree where there is no repository is refused; the folder itself is fine", async () => {
  await using world = new World();
  const plain = join(world.root, "plain");
  mkdirSync(plain);
  const refused = await world.run("run", "scripted: finish done", "--workspace", plain, "--worktree");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toBe(
    `dispatch: error: a worktree needs a git repository, and ${plain} is in none\ndispatch: hint: git init ${plain}\n`,
  );
  const slug = await world.dispatch("scripted: edit a.txt b\nscripted: finish done", "--workspace", plain);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  const diff = await world.run("diff", slug);
  expect(diff.code).toBe(5);
});

test("a folder of a repository is a workspace too, and its worktree runs in the same folder", async () => {
  await using world = new World();
  world.write("lib/a.txt", "a\n");
  world.git("add", ".");
  world.git("commit", "-qm", "lib");
  const slug = await world.dispatch(
    "scripted: edit b.txt b\nscripted: finish done",
    "--workspace",
    join(world.repo, "lib"),
    "--worktree",
  );
  const { task } = await world.settled(slug);
  expect(task.runFolder).toBe(join(task.worktree!.path, "lib"));
  expect(task.status).toMatchObject({ result: { files: ["lib/b.txt"] } });
});

test("a repository without a commit has tasks, and its worktrees are refused by git's own reason", async () => {
  await using world = new World();
  const empty = join(world.root, "empty");
  mkdirSync(empty);
  Bun.spawnSync(["git", "init", "-q", empty]);
  const slug = await world.dispatch("scripted: edit a.txt b\nscripted: finish done", "--workspace", empty);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  const inTree = await world.run(
    "run",
    "scripted: finish done",
    "--workspace",
    empty,
    "--worktree",
    "--name",
    "tree",
  );
  const status = inTree.code === 0 ? (await world.settled("tree")).task.status : null;
  expect(status ? status.state : inTree.code).not.toBe("working");
});

test("a workspace that was deleted while a task waited fails the task, and says why", async () => {
  await using world = new World({ also: "limits:\n  concurrent: 1\n" });
  const gone = join(world.root, "gone");
  mkdirSync(gone);
  writeFileSync(join(gone, "a"), "");
  const first = await world.dispatch("scripted: wait-file go", "--name", "first");
  await world.dispatch("scripted: finish done", "--workspace", gone, "--name", "second");
  Bun.spawnSync(["rm", "-r", gone]);
  world.write("go", "");
  await world.settled(first);
  const { task } = await world.settled("second");
  expect(task.status).toMatchObject({ state: "failed", reason: "setup" });
  expect("message" in task.status && task.status.message).toContain(gone);
});

test("of two tasks of one name, the one of the folder that one stands in is meant", async () => {
  await using world = new World();
  const there = join(world.root, "there");
  mkdirSync(there);
  await world.dispatch("scripted: finish there", "--name", "same", "--workspace", there);
  await world.dispatch("scripted: finish here", "--name", "same");
  await world.ok("wait", "same");
  expect(await world.ok("result", "same")).toContain("here");
});
