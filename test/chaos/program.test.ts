import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SELF } from "../../src/cli/program.fixture.ts";
import { killIfThere, World } from "../e2e/world.ts";

setDefaultTimeout(240_000);

const [BUILT, ...more] = SELF;
if (more.length > 0) throw new Error("this needs a built program: npm run test:chaos");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "program-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A world whose program is an installed file of its own. */
function installed(name: string): World {
  const file = join(folder, name);
  copyFileSync(BUILT!, file);
  const world = new World();
  world.self = [file];
  return world;
}

const TWO_TURNS = "scripted: run touch up\nscripted: wait-file go\nscripted: tick 1\nscripted: finish done";

test("a program that is deleted under its workers harms none of them, not even one whose host dies", async () => {
  await using world = installed("deleted");
  for (const slug of ["one", "two"])
    await world.dispatchPlan(["work"], TWO_TURNS, "--name", slug, "--worktree");
  for (const slug of ["one", "two"]) {
    const { task } = await world.until(slug, ({ task }) => task.status.state === "working");
    await world.appears("up", task.runFolder!);
  }
  const [first] = world.processes(" host ");
  rmSync(world.self[0]!);
  killIfThere(first!);
  for (const slug of ["one", "two"]) {
    await Bun.write(join((await world.task(slug)).task.runFolder!, "go"), "");
    await world.until(slug, ({ task }) => task.status.state === "completed");
  }
});

test("a new program's daemon takes over the workers of the old one", async () => {
  await using world = installed("old");
  await world.dispatchPlan(["work"], TWO_TURNS, "--name", "one");
  await world.appears("up");
  const [hosts, agents] = [world.processes(" host "), world.processes("scripted/agent.ts")];
  rmSync(world.self[0]!);
  copyFileSync(BUILT!, join(folder, "new"));
  world.self = [join(folder, "new")];
  const before = await world.daemonPid();
  await world.ok("daemon", "restart");
  expect(await world.daemonPid()).not.toBe(before);
  expect([world.processes(" host "), world.processes("scripted/agent.ts")]).toEqual([hosts, agents]);
  const asked = await world.dispatch("scripted: ask Which?\nscripted: finish done");
  await world.settled(asked);
  world.write("go", "");
  await world.ok("answer", asked, "this");
  for (const slug of ["one", asked]) expect((await world.settled(slug)).task.status.state).toBe("completed");
});
