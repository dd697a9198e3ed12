import { expect, test } from "bun:test";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { World } from "./world.ts";

const PLAN = ".dispatch/tasks/planned/plan.md";
const NAMED = ["--name", "planned"];

test("a plan is given as a file or on standard input, as any kind of list", async () => {
  await using world = new World();
  world.write("plan.md", "# To do\n\n- [x] first\n- [ ] second\n    a note\n");
  const fromFile = await world.dispatch("scripted: tick 2", "--plan", "plan.md", "--name", "from-file");
  const { task } = await world.settled(fromFile);
  expect(task.plan.items).toMatchObject([
    { text: "first", mark: "done" },
    { text: "second", mark: "done", notes: ["a note"] },
  ]);
  const { stdout } = await world.runWith(
    "* one\n* two\n",
    "run",
    "scripted: tick 1",
    "--plan",
    "-",
    "--name",
    "from-input",
  );
  expect(stdout).toBe("Dispatched from-input using scripted. Plan: 1) one 2) two\n");
});

test.each([
  ["", "the plan has no items"],
  ["- one\n\nand some prose that is no item\n", "line 3 is no list item"],
  ["```\n- one\n```\n", "line 1 opens a code block"],
])("a plan that is no checklist is refused in one line, and no task is made: %j", async (plan, reason) => {
  await using world = new World();
  const refused = await world.runWith(plan, "run", "scripted: finish done", "--plan", "-");
  expect(refused.code).toBe(2);
  expect(refused.stdout).toBe("");
  expect(refused.stderr).toMatch(/^dispatch: error: [^\n]+\ndispatch: hint: write one item a line[^\n]+\n$/);
  expect(refused.stderr).toContain(reason);
  expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toEqual([]);
});

test("a plan file that is not there is named, and no task is made", async () => {
  await using world = new World();
  const refused = await world.run("run", "scripted: finish done", "--plan", "nowhere.md");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toStartWith("dispatch: error: nowhere.md cannot be read: ");
  expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toEqual([]);
});

test("an item that is marked [!] fails the task with its text", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(["deploy", "tell"], "scripted: mark 1 error no credentials");
  expect((await world.settled(slug)).task.status).toMatchObject({
    state: "failed",
    reason: "agent-error",
    message: "deploy: no credentials",
  });
  expect((await world.run("wait", slug)).code).toBe(1);
});

test("a person edits the plan while its worker works on it, and both changes stand", async () => {
  await using world = new World();
  await world.dispatchPlan(
    ["first", "second"],
    "scripted: tick 1\nscripted: run touch ticked\nscripted: wait-file go\nscripted: tick 2\nscripted: finish done",
    ...NAMED,
  );
  await world.appears("ticked");
  await world.until("planned", ({ task }) => task.plan.items[0]?.mark === "done");
  const file = join(world.repo, PLAN);
  writeFileSync(file, `${readFileSync(file, "utf8")}- [x] third, by hand\n`);
  await world.until("planned", ({ task }) => task.plan.items.length === 3);
  world.write("go", "");
  const { task } = await world.settled("planned");
  expect(task.status.state).toBe("completed");
  expect(task.plan.items).toMatchObject([
    { text: "first", mark: "done", given: true },
    { text: "second", mark: "done", given: true },
    { text: "third, by hand", mark: "done" },
  ]);
});

test("an item that was given cannot be removed from the file", async () => {
  await using world = new World();
  await world.dispatchPlan(
    ["first", "second"],
    `scripted: run printf -- '- [x] first\\n' > ${PLAN}\nscripted: stop end_turn\nscripted: tick 2`,
    ...NAMED,
  );
  const { task } = await world.settled("planned");
  expect(task.status.state).toBe("completed");
  expect(task.plan.items.map(({ text }) => text)).toEqual(["first", "second"]);
});

test("a task folder that was deleted comes back", async () => {
  await using world = new World();
  await world.dispatchPlan(
    ["first", "second"],
    "scripted: tick 1\nscripted: run touch ticked\nscripted: wait-file go\nscripted: tick 2\nscripted: finish done",
    ...NAMED,
  );
  await world.appears("ticked");
  const deleted = join(world.root, "deleted");
  renameSync(join(world.repo, ".dispatch"), deleted); // at once: one by one, its files would come back meanwhile
  rmSync(deleted, { recursive: true });
  world.write("go", "");
  expect((await world.settled("planned")).task.status.state).toBe("completed");
  expect(world.read(PLAN)).toEndWith("- [x] first\n- [x] second\n");
});

test("a worker without a plan writes its own", async () => {
  await using world = new World();
  await world.dispatch(
    `scripted: run printf -- '- [x] look\\n- [ ] act\\n' > ${PLAN}\nscripted: stop end_turn\nscripted: tick 2\nscripted: finish done`,
    ...NAMED,
  );
  const { task } = await world.settled("planned");
  expect(task.status.state).toBe("completed");
  expect(task.plan.items).toMatchObject([
    { text: "look", mark: "done", given: false },
    { text: "act", mark: "done", given: false },
  ]);
});
