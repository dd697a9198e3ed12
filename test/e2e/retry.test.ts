import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { World } from "./world.ts";

const items = ["first", "second", "third"];

/** A task whose first attempt ticked its first item and then gave up; each attempt says which items it was shown open. */
async function halfDone(world: World): Promise<string> {
  const slug = await world.dispatchPlan(
    items,
    "scripted: tick 1\nscripted: mark 2 error no access\nscripted: stop end_turn",
    "--name",
    "half",
  );
  expect((await world.settled(slug)).task.status).toMatchObject({
    state: "failed",
    reason: "agent-error",
    message: "second: no access",
  });
  return slug;
}

function marks(plan: { items: readonly { mark: string }[] }): string[] {
  return plan.items.map(({ mark }) => mark);
}

test("a retry keeps the ticks and starts at the first open item", async () => {
  await using world = new World();
  const slug = await halfDone(world);
  expect(await world.ok("retry", slug)).toBe("Attempt 2 of half using scripted.\n");
  const { task, attempts } = await world.settled(slug);
  expect(attempts.map(({ number }) => number)).toEqual([1, 2]);
  expect(marks(task.plan)[0]).toBe("done");
  expect((await world.told(slug)).at(-1)).toContain(
    "An earlier attempt at this task ended before it was done",
  );
  expect(readFileSync(join(world.repo, ".dispatch/tasks/half/plan.md"), "utf8")).toContain("- [x] first\n");
});

test("the log of one attempt is what happened in it, also where the next went on in its conversation", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(
    ["one"],
    "scripted: text alpha\nscripted: mark 1 error no access\nscripted: stop end_turn\nscripted: text beta\nscripted: tick 1",
  );
  await world.settled(slug);
  await world.ok("resume", slug);
  expect((await world.settled(slug)).attempts.map(({ session }) => session)).toSatisfy(isOneSession);
  const logs = async (...args: string[]) => (await world.ok("logs", slug, ...args)).match(/^(alpha|beta)$/gm);
  expect(await logs("--attempt", "1")).toEqual(["alpha"]);
  expect(await logs("--attempt", "2")).toEqual(["beta"]);
  expect(await logs()).toEqual(["alpha", "beta"]);
  expect(await logs("--attempt", "1", "--lines", "9")).toEqual(["alpha"]);
  expect(await world.run("logs", slug, "--attempt", "3")).toMatchObject({
    code: 3,
    stderr: `dispatch: error: ${slug} has no attempt 3\ndispatch: hint: dispatch attempts ${slug}\n`,
  });
  expect((await world.run("logs", slug, "--attempt", "2", "-f")).code).toBe(2);
});

function isOneSession(sessions: unknown[]): boolean {
  return sessions.length === 2 && new Set(sessions).size === 1;
}

test("what a retry changes of the plan stands, beside what a person changed of its file meanwhile", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(
    items,
    "scripted: mark 3 done\nscripted: stop end_turn",
    "--name",
    "half",
  );
  await world.settled(slug);
  const file = join(world.repo, ".dispatch/tasks/half/plan.md");
  const left = readFileSync(file, "utf8");
  expect(left).toContain("- [ ] first\n- [ ] second\n- [x] third\n");
  writeFileSync(file, `${left}- [ ] fourth\n`);
  await world.ok("retry", slug, "--skip", "1");
  expect(marks((await world.settled(slug)).task.plan)).toEqual(["done", "open", "done", "open"]);
  await world.ok("retry", slug, "--fresh");
  expect(marks((await world.settled(slug)).task.plan)).toEqual(["open", "open", "done", "open"]);
  expect(readFileSync(file, "utf8")).toContain("- [ ] first\n");
});

test("--skip leaves an item out, --fresh starts over, --model takes another model", async () => {
  await using world = new World();
  const slug = await halfDone(world);
  const plan = async (...args: string[]) => {
    const { task } = await world.json<{
      task: { plan: { items: { mark: string }[] }; model: { name: string } };
    }>("retry", slug, ...args);
    await world.settled(slug);
    return [marks(task.plan), task.model.name];
  };
  expect(await plan()).toEqual([["done", "open", "open"], "scripted"]);
  expect(await plan("--fresh")).toEqual([["open", "open", "open"], "scripted"]);
  expect(await plan("--skip", "2")).toEqual([["done", "done", "open"], "scripted"]);
  expect(await world.run("retry", slug, "--skip", "9")).toMatchObject({ code: 2 });
  expect(await world.run("retry", slug, "--model", "nonesuch")).toMatchObject({ code: 3 });
  expect((await world.task(slug)).task.status.state).toBe("failed");
  await world.ok("retry", slug, "--model", "shell");
  expect((await world.settled(slug)).attempts.at(-1)!.model.agent).toBe("shell");
});

test("a task that runs is not retried", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: silence");
  await world.until(slug, ({ task }) => task.status.state === "working");
  expect(await world.run("retry", slug)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("has not ended"),
  });
  expect(await world.run("resume", slug)).toMatchObject({ code: 1 });
});

test("resume goes on in the agent's own conversation", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: recall\nscripted: error confused\nscripted: recall\nscripted: finish done",
  );
  expect((await world.settled(slug)).task.status).toMatchObject({
    state: "failed",
    message: expect.stringContaining("confused"),
  });
  await world.ok("resume", slug);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect(await world.said(slug)).toBe("turns 1turns 2");
});

test("a worker that ends its turn with open items is reminded twice, then its task is incomplete", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(items, "scripted: tick 1");
  expect((await world.settled(slug)).task.status).toMatchObject({
    state: "failed",
    reason: "incomplete",
    message: "2 of 3 items are still open, first: second",
    hint: `dispatch retry ${slug}`,
  });
  const told = await world.told(slug);
  expect(told).toHaveLength(3);
  expect(told[1]).toStartWith("These items of your checklist are still open:\n- second\n- third\n");
});
