import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { killIfThere, World } from "../e2e/world.ts";

setDefaultTimeout(240_000);

/** What a power cut leaves: files. */
function killEverything(world: World): void {
  for (let pids = world.processes(); pids.length > 0; pids = world.processes()) pids.forEach(killIfThere);
}

test("after a reboot the next command brings every task back, or says that it is lost", async () => {
  await using world = new World({ also: "limits:\n  concurrent: 4\n" });
  const end = "scripted: wait-file go\nscripted: finish done";
  await world.dispatch(`scripted: run touch working\n${end}`, "--name", "working");
  await world.dispatch(`scripted: ask Which?|a|b\n${end}`, "--name", "asking");
  await world.dispatch(`scripted: edit gated yes\n${end}`, "--name", "gated", "--permissions", "ask");
  await world.dispatchPlan(
    ["touch shell && mkfifo gate && cat gate"],
    "run it",
    "--agent",
    "shell",
    "--name",
    "shell",
  );
  await world.dispatch(`scripted: recall\n${end}`, "--name", "queued", "--worktree");
  const asked = await world.settled("asking");
  const gated = await world.settled("gated");
  for (const file of ["working", "shell"]) await world.appears(file);
  expect((await world.task("queued")).task.status.state).toBe("submitted");

  killEverything(world);
  await world.ok("tasks");

  expect((await world.settled("shell")).task.status).toMatchObject({ state: "failed", reason: "lost" });
  const [question] = (await world.task("asking")).questions;
  expect(question).toMatchObject({ id: asked.questions[0]!.id, status: { state: "open" } });
  await world.ok("answer", "asking", "b");
  // The call died with its agent. The agent makes it again, and it keeps its id.
  const again = await world.until("gated", ({ approvals }) => approvals[0]!.status.state === "open");
  expect(again.approvals.map(({ id }) => id)).toEqual(gated.approvals.map(({ id }) => id));
  await world.ok("approve", "gated", "--session"); // it was told its prompt again, and edits twice
  world.write("go", "");
  const queued = await world.until("queued", ({ task }) => task.runFolder !== null);
  await Bun.write(`${queued.task.runFolder}/go`, "");
  for (const slug of ["working", "asking", "gated", "queued"])
    expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
  expect(await world.told("asking")).toContainEqual(expect.stringContaining("The answer is:\n```\nb\n```"));
  expect(world.read("gated")).toBe("yes\n");
  await world.ended(world.processes(" host "));
  await world.ok("daemon", "stop");
  expect(world.processes()).toEqual([]);
  expect(readdirSync(join(world.home, "sessions"))).toEqual([]);
});

test("a machine that dies at every step of a task still ends it once", async () => {
  await using world = new World();
  const files = ["one", "two", "three", "four"];
  const steps = files.map((file) => `scripted: wait-file ${file}\nscripted: run touch did-${file}`);
  const ticks = files.map((_, at) => `scripted: tick ${at + 1}`);
  const script = [...steps, ...ticks, "scripted: finish done"].join("\n");
  await world.dispatchPlan(files, script, "--name", "stepwise");
  for (const [at, file] of files.entries()) {
    if (at === 0) await world.until("stepwise", ({ task }) => task.status.state === "working");
    if (at > 0) {
      killEverything(world);
      await world.ok("tasks");
    }
    world.write(file, "");
    await world.appears(`did-${file}`);
  }
  expect((await world.settled("stepwise")).task.status.state).toBe("completed");
  expect((await world.task("stepwise")).attempts).toHaveLength(1);
});
