import { expect, test } from "bun:test";
import { World } from "./world.ts";

test("as many workers as allowed run at once, and the others wait in their order", async () => {
  await using world = new World({ also: "limits:\n  concurrent: 2\n" });
  const names = ["a", "b", "c", "d"];
  for (const name of names)
    await world.dispatch(
      `scripted: run echo ${name} >> order\nscripted: wait-file go-${name}\nscripted: finish done`,
      "--name",
      name,
    );
  for (const name of ["a", "b"]) await world.until(name, ({ task }) => task.status.state === "working");
  expect((await Promise.all(names.map((name) => world.task(name)))).map(({ queue }) => queue)).toEqual([
    null,
    null,
    1,
    2,
  ]);
  expect(await world.ok("status", "d")).toContain("number 2 in the queue");
  world.write("go-b", "");
  await world.until("c", ({ task }) => task.status.state === "working");
  expect((await world.task("d")).queue).toBe(1);
  for (const name of ["a", "c", "d"]) world.write(`go-${name}`, "");
  for (const name of names) expect((await world.settled(name)).task.status.state).toBe("completed");
  const order = world.read("order").trim().split("\n");
  expect(order.slice(0, 2).sort()).toEqual(["a", "b"]);
  expect(order.slice(2)).toEqual(["c", "d"]);
});

test("a task that waits for a person whose agent was let go keeps nobody from working", async () => {
  await using world = new World({ also: "limits:\n  concurrent: 1\n  idle: 1s\n" });
  const first = await world.dispatchPlan(
    ["choose"],
    "scripted: mark 1 blocked Which?\nscripted: stop end_turn\nscripted: tick 1",
    "--name",
    "first",
  );
  const second = await world.dispatch("scripted: finish done", "--name", "second");
  expect((await world.settled(second)).task.status.state).toBe("completed");
  expect((await world.task(first)).task.status.state).toBe("input-required");
  await world.ok("answer", first, "that");
  expect((await world.settled(first)).task.status.state).toBe("completed");
});
