import { expect, test } from "bun:test";
import { World } from "./world.ts";

const canceled = { state: "canceled" };

test("a task in the queue is canceled at once, and the next one gets its place", async () => {
  await using world = new World({ also: "limits:\n  concurrent: 1\n" });
  const first = await world.dispatch("scripted: wait-file go\nscripted: finish done", "--name", "first");
  await world.until(first, ({ task }) => task.status.state === "working");
  const second = await world.dispatch("scripted: finish done", "--name", "second");
  expect((await world.task(second)).queue).toBe(1);
  expect(await world.ok("cancel", second)).toBe("second: canceled. Its files stay.\n");
  expect(await world.task(second)).toMatchObject({ task: { status: canceled, session: null }, queue: null });
  expect((await world.run("wait", second)).code).toBe(1);
  world.write("go", "");
  expect((await world.settled(first)).task.status.state).toBe("completed");
});

test("a task whose agent is just starting is canceled", async () => {
  await using world = new World({ agentVariables: "SCRIPTED_START=silence" });
  const slug = await world.dispatch("scripted: finish done");
  await world.until(slug, ({ task }) => task.status.state === "working");
  await world.ok("cancel", slug);
  expect((await world.settled(slug)).task.status).toMatchObject(canceled);
  expect(world.processes("scripted/agent.ts")).toEqual([]);
});

test("a working task is canceled, and with it a command that left its process group", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: edit made.txt yes\nscripted: setsid exec sleep 1000\nscripted: run touch up\nscripted: silence",
  );
  await world.appears("up");
  expect(world.processes("sleep 1000")).toHaveLength(1);
  expect(await world.ok("cancel", slug)).toContain("canceling");
  expect((await world.settled(slug)).task.status).toMatchObject(canceled);
  expect(world.processes("sleep 1000")).toEqual([]);
  expect(world.processes("scripted/agent.ts")).toEqual([]);
  expect(world.read("made.txt")).toBe("yes\n");
});

test("an agent that does not listen to a cancel is ended all the same", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: run touch up\nscripted: hang-cancel");
  await world.appears("up");
  await world.ok("cancel", slug);
  expect((await world.settled(slug)).task.status).toMatchObject(canceled);
  expect(world.processes("scripted/agent.ts")).toEqual([]);
}, 120_000);

test("a task that waits for an answer is canceled, and its question is withdrawn", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(["choose"], "scripted: mark 1 blocked Which?");
  await world.settled(slug);
  await world.ok("cancel", slug);
  const { task, questions } = await world.settled(slug);
  expect(task.status).toMatchObject(canceled);
  expect(questions).toMatchObject([{ status: { state: "withdrawn" } }]);
  expect(await world.ok("inbox")).not.toContain("Which?");
  const late = await world.run("answer", slug, "too late", "--question", questions[0]!.id);
  expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining("withdrawn") });
});

test("a task whose agent was let go while it waits is canceled at once", async () => {
  await using world = new World({ also: "limits:\n  idle: 1s\n" });
  const slug = await world.dispatchPlan(["choose"], "scripted: mark 1 blocked Which?");
  await world.settled(slug);
  await world.ended(world.processes(" host "));
  await world.ok("cancel", slug);
  const { task, questions } = await world.settled(slug);
  expect(task.status).toMatchObject(canceled);
  expect(questions).toMatchObject([{ status: { state: "withdrawn" } }]);
});

test("the end of a task is final", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: finish done");
  const before = await world.settled(slug);
  expect((await world.run("cancel", slug)).code).toBe(1);
  expect(await world.task(slug)).toEqual(before);
});

test("a canceled task can be retried, and is then another attempt", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: wait-file go\nscripted: finish done");
  await world.until(slug, ({ task }) => task.status.state === "working");
  await world.ok("cancel", slug);
  await world.settled(slug);
  expect(await world.run("cancel", slug)).toEqual({
    code: 1,
    stdout: "",
    stderr: `dispatch: error: ${slug} has ended: canceled\ndispatch: hint: dispatch status ${slug}\n`,
  });
  world.write("go", "");
  await world.ok("retry", slug);
  expect((await world.settled(slug)).attempts).toMatchObject([
    { outcome: { state: "canceled" } },
    { outcome: { state: "completed" } },
  ]);
});
