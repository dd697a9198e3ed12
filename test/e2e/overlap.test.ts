import { expect, test } from "bun:test";
import { World } from "./world.ts";

/** A task at work in a worktree, which has written these files and goes on at the sign of a file. */
async function working(world: World, name: string, ...paths: string[]): Promise<void> {
  const edits = paths.map((path) => `edit ${path} ${name}`);
  const steps = [...edits, "tick 1", `wait-file ${world.repo}/go-on`, "tick 2", "silence"];
  const script = steps.map((step) => `scripted: ${step}`).join("\n");
  await world.dispatchPlan(["first", "second"], script, "--worktree", "--name", name);
  await world.until(name, ({ task }) => task.plan.items[0]!.mark === "done");
}

test("two running tasks that change the same files are flagged once, before either is done", async () => {
  await using world = new World();
  await working(world, "one", "readme.txt", "b.txt", "only-one.txt");
  await working(world, "apart", "c.txt");
  const waiting = world.start("wait", "--any");
  await working(world, "two", "readme.txt", "b.txt");
  expect(await waiting.exited).toBe(4);
  expect(await new Response(waiting.stdout).text()).toStartWith(
    "two flags:\n  two and one both change b.txt and 1 more file\n",
  );
  world.write("go-on", "");
  for (const name of ["one", "two", "apart"])
    await world.until(name, ({ task }) => task.plan.items[1]!.mark === "done");
  await world.ok("daemon", "restart");
  const details = await Promise.all(["one", "two", "apart"].map((name) => world.task(name)));
  expect(details.flatMap(({ flags }) => flags)).toHaveLength(1);
});

test("tasks that share the checkout itself, or have ended, are not flagged", async () => {
  await using world = new World();
  const edit = "scripted: edit readme.txt theirs\nscripted: finish done";
  await world.dispatch(edit, "--worktree", "--name", "ended");
  await world.settled("ended");
  await world.dispatch(edit, "--name", "here");
  await world.settled("here");
  await working(world, "one", "readme.txt");
  await world.ok("daemon", "restart");
  const details = await Promise.all(["ended", "here", "one"].map((name) => world.task(name)));
  expect(details.flatMap(({ flags }) => flags)).toEqual([]);
});
