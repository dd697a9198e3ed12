import { expect, test } from "bun:test";
import { World } from "./world.ts";

const DONE = "scripted: finish done";

test("two tasks in one checkout cannot own the same files, unless one has a worktree or comes after the other", async () => {
  await using world = new World();
  await world.dispatch("scripted: silence", "--name", "first", "--owns", "src/**");
  const refused = await world.run("run", DONE, "--owns", "src/auth/*.ts");
  expect(refused.code).toBe(5);
  expect(refused.stderr).toBe(
    "dispatch: error: its src/auth/*.ts overlaps src/** of first, which works in the same checkout\n" +
      "dispatch: hint: add --worktree, or --after first\n",
  );
  expect(await world.json("tasks")).toMatchObject({ tasks: [{ slug: "first" }] });
  await world.ok("run", DONE, "--owns", "src/auth/*.ts", "--worktree");
  await world.ok("run", DONE, "--owns", "src/auth/*.ts", "--after", "first");
  await world.ok("run", DONE, "--owns", "docs/**");
  expect((await world.run("run", DONE, "--owns", "../other")).code).toBe(2);
});

test("two tasks that may write one checkout at the same time are told of, and readers are not", async () => {
  await using world = new World();
  await world.dispatch("scripted: silence", "--name", "first");
  const shared = await world.run("run", DONE, "--name", "second");
  expect(shared).toMatchObject({ code: 0 });
  expect(shared.stderr).toContain("second may write the same files as first at the same time");
  expect((await world.run("run", DONE, "--permissions", "read-only")).stderr).toBe("");
  expect((await world.run("run", DONE, "--worktree")).stderr).toBe("");
});

test("what a worker changes outside its boundary is told as a flag; what its neighbour owns is not its doing", async () => {
  await using world = new World();
  world.write("src/a.txt", "a\n");
  world.write("docs/b.txt", "b\n");
  world.git("add", ".");
  world.git("commit", "-qm", "files");
  await world.dispatch(
    `scripted: edit src/a.txt x\nscripted: edit other.txt x\nscripted: run touch .git/half\nscripted: wait-file .git/go\n${DONE}`,
    "--name",
    "code",
    "--owns",
    "src/**",
  );
  await world.appears(".git/half");
  await world.dispatch(`scripted: edit docs/b.txt y\n${DONE}`, "--name", "docs", "--owns", "docs/**");
  await world.settled("docs");
  world.write(".git/go", "");
  await world.run("wait", "code");
  const { task, flags } = await world.task("code");
  expect(task.status).toMatchObject({ state: "completed", result: { files: ["other.txt", "src/a.txt"] } });
  expect(flags.map(({ text }) => text)).toEqual([
    "It changed files outside its boundary (src/**): other.txt",
  ]);
  expect(await world.ok("status", "code")).toContain("outside its boundary (src/**): other.txt");
  expect((await world.told("code"))[0]).toContain("Change only files that match one of these");
  expect((await world.task("docs")).flags).toEqual([]);
});
