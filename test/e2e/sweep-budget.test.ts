import { expect, test } from "bun:test";
import type { SweepDetail } from "../../src/protocol/sweep.ts";
import { World } from "./world.ts";

/** A chain of tasks, each of which uses sixty cents of the one dollar that they share. */
async function chain(world: World, names: readonly string[]): Promise<void> {
  const tasks = names.map((name, at) => ({
    name,
    prompt: `Step ${name}\nscripted: usage 1 0.6\nscripted: finish ${name} done`,
    ...(at === 0 ? {} : { after: [names[at - 1]] }),
  }));
  const { code, stderr } = await world.runWith(
    JSON.stringify({ name: "chain", budget: "$1", tasks }),
    "run",
    "-f",
    "-",
  );
  expect([code, stderr]).toEqual([0, ""]);
}

function detail(world: World): Promise<SweepDetail> {
  return world.json<SweepDetail>("status", "chain");
}

test("the tasks of a sweep share its budget: the one that uses it up asks, and one answer lets all go on", async () => {
  await using world = new World();
  await chain(world, ["one", "two", "three"]);
  const asking = await world.until(
    "two",
    ({ questions, task }) => questions.length > 0 || task.status.state === "completed",
  );
  expect(asking.questions[0] ?? asking.flags[0]).toMatchObject({
    text: expect.stringContaining("$1.20 of $1.00"),
  });
  await world.killDaemon();
  expect((await world.run("sweeps", "budget", "chain", "plenty")).code).toBe(2);
  await world.ok("sweeps", "budget", "chain", "$1");
  const { task } = await world.until("three", (each) => each.task.status.state === "completed");
  expect(task.spent.dollars).toBe(0.6);
  expect((await detail(world)).sweep.budget).toEqual({ dollars: 2.2 });
});

test("nothing more of an exhausted sweep starts, a flag says so, and stop ends what is left", async () => {
  await using world = new World();
  await chain(world, ["one", "two", "three", "four"]);
  await world.until("two", ({ questions, flags }) => questions.length + flags.length > 0);
  const inbox = await world.ok("inbox");
  expect(inbox).toContain("chain has used $1.20 of $1.00");
  await world.ok("sweeps", "budget", "chain", "stop");
  const { task } = await world.until("four", (each) => each.task.status.state === "canceled");
  expect(task.spent.dollars).toBe(0);
  const states = (await detail(world)).tasks.map((each) => each.task.status.state);
  expect(states[0]).toBe("completed");
  expect(states.slice(2)).toEqual(["canceled", "canceled"]);
});

test("a task that asks for its sweep is answered as every question is", async () => {
  await using world = new World();
  const prompt = "Long work\nscripted: usage 1 2\nscripted: silence";
  await world.runWith(
    JSON.stringify({ name: "chain", budget: "$1", tasks: [{ name: "long", prompt }] }),
    "run",
    "-f",
    "-",
  );
  const { questions } = await world.settled("long");
  expect(questions[0]).toMatchObject({
    via: "sweep-budget",
    text: "The sweep chain has used $2.00 of $1.00. How much more?",
  });
  await world.ok("answer", "long", "no limit");
  expect((await detail(world)).sweep.budget).toBeNull();
  expect((await world.run("answer", "long", "+50%", "--question", questions[0]!.id)).code).toBe(1);
  expect((await world.settled("long")).task.status.state).toBe("completed");
});

test("the tasks of a sweep share its working time: all that work ask, and one answer lets them go on", async () => {
  await using world = new World();
  const tasks = ["one", "two"].map((name) => ({ name, prompt: `${name}\nscripted: silence` }));
  await world.runWith(JSON.stringify({ name: "chain", budget: "2s", tasks }), "run", "-f", "-");
  for (const name of ["one", "two"]) {
    const { questions } = await world.settled(name);
    expect(questions).toMatchObject([{ via: "sweep-budget", text: expect.stringContaining("s of 2s") }]);
  }
  expect(await world.ok("status", "chain")).toContain("s of 2s");
  await world.killDaemon();
  await world.ok("answer", "two", "1h");
  for (const name of ["one", "two"]) await world.until(name, ({ task }) => task.status.state === "completed");
});
