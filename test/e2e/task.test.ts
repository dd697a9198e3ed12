import { expect, test } from "bun:test";
import { join } from "node:path";
import { World } from "./world.ts";

test("a task works in the background along its plan, and ends with a summary and its files", async () => {
  await using world = new World();
  const script =
    "scripted: edit a.txt hello\nscripted: tick 1\nscripted: tick 2\nscripted: finish wrote a.txt|a.txt";
  const { stdout } = await world.runWith(
    "1) write the file\n2) check it\n",
    "run",
    script,
    "--plan",
    "-",
    "--name",
    "write-it",
  );
  expect(stdout).toBe("Dispatched write-it using scripted. Plan: 1) write the file 2) check it\n");
  const { task } = await world.settled("write-it");
  expect(task.status).toMatchObject({
    state: "completed",
    result: { summary: "wrote a.txt", files: ["a.txt"] },
  });
  expect(task.plan.items.map((item) => item.mark)).toEqual(["done", "done"]);
  expect(world.read("a.txt")).toBe("hello\n");
  expect(await world.ok("result", "write-it")).toContain("wrote a.txt");
});

test("a question is answered and the worker goes on in the same conversation", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: text first\nscripted: ask Which colour?|red|blue\nscripted: recall\nscripted: finish done",
  );
  const asked = await world.settled(slug);
  expect(asked.task.status.state).toBe("input-required");
  expect(asked.questions).toMatchObject([
    { text: "Which colour?", options: ["red", "blue"], status: { state: "open" } },
  ]);
  await world.ok("answer", slug, "blue");
  const { task, questions } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(questions[0]!.status).toMatchObject({ state: "answered", text: "blue" });
  expect(await world.ok("logs", slug)).toContain("blue");
});

test("a worktree has the folder that its task was handed over in, also one that no commit knows", async () => {
  await using world = new World();
  world.write("new/untracked.txt", "mine\n");
  const folder = join(world.repo, "new");
  const slug = await world.dispatch("scripted: edit b.txt new", "--worktree", "--workspace", folder);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect(await world.ok("diff", slug)).toContain("+++ b/new/b.txt");
});

test("work that can be merged nowhere is not taken for merged", async () => {
  await using world = new World();
  world.git("checkout", "-q", "--detach");
  const slug = await world.dispatch("scripted: edit b.txt new", "--worktree");
  const { task } = await world.settled(slug);
  const { code, stderr } = await world.run("merge", slug);
  expect(code).toBe(5);
  expect(stderr).toContain(`commit what is in ${task.worktree!.path}, then git merge dispatch/`);
  expect((await world.run("clean", slug)).code).toBe(5);
});

test("a worktree keeps the checkout as it was until it is merged", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: edit b.txt new\nscripted: finish made b",
    "--worktree",
    "--name",
    "in-tree",
  );
  const { task } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(world.git("status", "--porcelain")).toBe("");
  expect(await world.ok("diff", slug)).toContain("+new");
  await world.ok("merge", slug);
  expect(world.read("b.txt")).toBe("new\n");
  await world.ok("clean", slug);
  expect(world.git("worktree", "list").trim().split("\n")).toHaveLength(1);
});
