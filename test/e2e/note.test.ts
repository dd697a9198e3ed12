import { expect, test } from "bun:test";
import { World } from "./world.ts";

test("a note reaches a working agent as its next turn, and stands in its plan", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(
    ["work"],
    "scripted: wait-file go\nscripted: tick 1",
    "--name",
    "noted",
  );
  await world.until(slug, ({ task }) => task.status.state === "working");
  expect(await world.ok("note", slug, "mind the", "`gap`")).toBe("Noted for noted.\n");
  world.write("go", "");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect((await world.told(slug)).at(-1)).toContain("mind the `gap`");
  expect(world.read(".dispatch/tasks/noted/plan.md")).toContain("> **Note from dispatcher:** mind the `gap`");
});

test("a note to what has ended is refused with what to do instead", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: finish done");
  await world.settled(slug);
  expect(await world.run("note", slug, "too late")).toMatchObject({
    code: 1,
    stderr: `dispatch: error: ${slug} is not running\ndispatch: hint: dispatch retry ${slug}\n`,
  });
});

test("a flag wakes whoever waits, and is taken off the list when it was told", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: flag the disk is nearly full\nscripted: wait-file go\nscripted: finish done",
  );
  const woken = await world.run("wait", slug);
  expect(woken).toMatchObject({ code: 4, stdout: expect.stringContaining("the disk is nearly full") });
  expect(await world.ok("inbox")).not.toContain("the disk is nearly full");
  world.write("go", "");
  expect((await world.settled(slug)).flags).toMatchObject([{ text: "the disk is nearly full" }]);
  expect((await world.task(slug)).task.status.state).toBe("completed");
});

test("a flag in plan.md counts too", async () => {
  await using world = new World();
  const plan = ".dispatch/tasks/flagging/plan.md";
  await world.dispatchPlan(
    ["work"],
    `scripted: run echo '> **Flag:** tests were red before I came' >> ${plan}\nscripted: tick 1\nscripted: finish done`,
    "--name",
    "flagging",
  );
  const { flags } = await world.until("flagging", (detail) => detail.flags.length > 0);
  expect(flags).toMatchObject([{ text: "tests were red before I came" }]);
});
