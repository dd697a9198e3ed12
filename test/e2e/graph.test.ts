import { expect, test } from "bun:test";
import { World } from "./world.ts";

const DONE = "scripted: finish done";

test("a task starts when those before it are completed, and says meanwhile what it waits for", async () => {
  await using world = new World();
  await world.dispatch(`scripted: wait-file go\n${DONE}`, "--name", "first");
  await world.dispatch(DONE, "--name", "second", "--after", "first");
  await world.until("first", ({ task }) => task.status.state === "working");
  const waiting = await world.task("second");
  expect(waiting.task.status.state).toBe("submitted");
  expect(waiting.queue).toBeNull();
  expect(await world.ok("status", "second")).toContain(
    "waits for a task to be completed\nafter first (working)",
  );
  world.write("go", "");
  expect((await world.settled("second")).task.status.state).toBe("completed");
  const { task, attempts } = await world.task("first");
  expect(attempts[0]!.endedAt!).toBeLessThanOrEqual((await world.task("second")).attempts[0]!.startedAt);
  expect(task.status.state).toBe("completed");
});

test("what comes after a failed task does not start until that is retried", async () => {
  await using world = new World();
  await world.dispatch(`scripted: wait-file fixed\n${DONE}`, "--name", "first");
  await world.dispatch(DONE, "--name", "second", "--after", "first");
  await world.dispatch(DONE, "--name", "third", "--after", "second");
  await world.ok("cancel", "first");
  await world.settled("first");
  for (const name of ["second", "third"])
    expect(await world.ok("status", name)).toContain(
      "does not start: a task before it failed or was canceled",
    );
  expect(await world.ok("inbox")).toContain(
    "first was canceled, so these do not start: second, third\n  dispatch retry first",
  );
  world.write("fixed", "");
  await world.ok("retry", "first");
  for (const name of ["first", "second", "third"])
    expect((await world.settled(name)).task.status.state).toBe("completed");
  expect(await world.ok("inbox")).toBe("Nothing needs you.\n");
});

test("a worktree starts from what the tasks before it produced, and the worker reads their results", async () => {
  await using world = new World();
  await world.dispatch(
    "Make one\nscripted: edit one.txt 1\nscripted: finish made one",
    "--worktree",
    "--name",
    "one",
  );
  await world.dispatch(
    "Make two\nscripted: edit two.txt 2\nscripted: finish made two",
    "--worktree",
    "--name",
    "two",
  );
  const script = `scripted: run cat one.txt two.txt > both.txt\n${DONE}`;
  await world.dispatch(script, "--worktree", "--name", "both", "--after", "one", "--after", "two");
  expect((await world.settled("both")).task.status).toMatchObject({
    state: "completed",
    result: { files: ["both.txt"] },
  });
  const [told] = await world.told("both");
  expect(told).toContain("## one\n\n```\nMake one\n\nmade one\n\nChanged files:\n- one.txt\n```");
  await world.ok("merge", "both");
  expect(world.read("both.txt")).toBe("1\n2\n");
  expect(world.git("status", "--porcelain")).toBe("");
});

test("a worktree starts from the branch that the work before it was merged into", async () => {
  await using world = new World();
  await world.dispatch(`Make one\nscripted: edit one.txt 1\n${DONE}`, "--worktree", "--name", "one");
  await world.settled("one");
  await world.ok("merge", "one", "--squash");
  await world.ok("clean", "one");
  world.git("commit", "--allow-empty", "-qm", "later");
  await world.dispatch(
    `scripted: run cat one.txt > copy.txt\n${DONE}`,
    "--worktree",
    "--after",
    "one",
    "--name",
    "two",
  );
  const { task } = await world.settled("two");
  expect(task.worktree!.base).toBe(world.git("rev-parse", "HEAD").trim());
  expect(task.status).toMatchObject({ state: "completed", result: { files: ["copy.txt"] } });
});

test("works that do not go together keep the task after them from starting, and it says which", async () => {
  await using world = new World();
  for (const name of ["one", "two"])
    await world.dispatch(`scripted: edit readme.txt ${name}\n${DONE}`, "--worktree", "--name", name);
  await world.dispatch(DONE, "--worktree", "--name", "both", "--after", "one", "--after", "two");
  expect((await world.settled("both")).task.status).toMatchObject({
    state: "failed",
    reason: "setup",
    message: "the work of two and of one does not go together: both change readme.txt",
    hint: "dispatch merge two, settle the conflicts, then dispatch retry both",
  });
});

test("a cancel reaches the tasks after it only on request, and says first which those are", async () => {
  await using world = new World();
  await world.dispatch("scripted: silence", "--name", "first");
  await world.dispatch(DONE, "--name", "second", "--after", "first");
  await world.dispatch(DONE, "--name", "third", "--after", "second");
  await world.until("first", ({ task }) => task.status.state === "working");
  const preview = await world.ok("cancel", "first", "--with-dependents", "--dry-run");
  expect(preview.split("\n").map((line) => line.split(" ")[0])).toEqual(["first", "second", "third", ""]);
  expect(await world.run("cancel", "first", "--with-dependents")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("this cancels 3 tasks"),
  });
  expect((await world.task("third")).task.status.state).toBe("submitted");
  await world.ok("cancel", "first", "--with-dependents", "--yes");
  for (const name of ["first", "second", "third"])
    expect((await world.settled(name)).task.status.state).toBe("canceled");
});

test("an unknown task to come after is told at once, and a priority goes before age", async () => {
  await using world = new World({ also: "limits:\n  concurrent: 1\n" });
  expect(await world.run("run", DONE, "--after", "nonesuch")).toMatchObject({ code: 3 });
  await world.dispatch(`scripted: wait-file go\n${DONE}`, "--name", "busy");
  await world.until("busy", ({ task }) => task.status.state === "working");
  for (const priority of ["low", "normal", "high"])
    await world.dispatch(
      `scripted: run echo ${priority} >> order\n${DONE}`,
      "--name",
      priority,
      "--priority",
      priority,
    );
  expect((await world.task("high")).queue).toBe(1);
  world.write("go", "");
  await world.settled("low");
  expect(world.read("order")).toBe("high\nnormal\nlow\n");
});
