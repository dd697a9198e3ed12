import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { killIfThere, World } from "./world.ts";

/** Everything of the world dies at once, as when its machine does. */
function crash(world: World): void {
  for (let pids = world.processes(); pids.length > 0; pids = world.processes()) pids.forEach(killIfThere);
}

test("[?] with context.md goes on with the answer, though the machine died in between", async () => {
  await using world = new World({ also: "limits:\n  idle: 1s\n" });
  const folder = ".dispatch/tasks/blocked";
  const slug = await world.dispatchPlan(
    ["choose"],
    `scripted: run echo half-way > ${folder}/context.md\nscripted: mark 1 blocked Which?\nscripted: stop end_turn\nscripted: run cp ${folder}/context.md seen\nscripted: tick 1\nscripted: finish done`,
    "--name",
    "blocked",
  );
  await world.settled(slug);
  await world.ended(world.processes(" host "));
  crash(world);
  await world.ok("answer", slug, "the left one");
  const { task, attempts } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(attempts).toHaveLength(1);
  expect((await world.told(slug)).at(-1)).toContain("the left one");
  expect(world.read("seen")).toBe("half-way\n");
});

test("what the machine lost without a conversation comes back by one command, with what was answered", async () => {
  await using world = new World({ agentVariables: "SCRIPTED_START=no-resume" });
  const script =
    "scripted: ask Which?\nscripted: run test -e go || { touch up; sleep 300; }\nscripted: finish done";
  const slug = await world.dispatch(script, "--name", "lost");
  await world.settled(slug);
  await world.ok("answer", slug, "the left one");
  await world.appears("up");
  crash(world);
  expect((await world.settled(slug)).task.status).toMatchObject({ state: "failed", reason: "lost" });
  world.write("go", "");
  expect(await world.ok("resume", "--all")).toBe("lost goes on.\n");
  await world.until(slug, ({ task }) => task.status.state === "input-required");
  expect((await world.told(slug)).at(-1)).toContain("# What you asked before, and the answers");
  await world.ok("answer", slug, "the left one, again");
  const { task, attempts } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(attempts.map(({ outcome }) => outcome?.state)).toEqual(["failed", "completed"]);
});

test("resume: auto begins the next attempt by itself, and stops after some that were lost again", async () => {
  await using world = new World({ agentVariables: "SCRIPTED_START=no-resume", also: "resume: auto\n" });
  const slug = await world.dispatch("scripted: run echo x >> runs; touch up; sleep 300", "--name", "again");
  for (let attempt = 1; attempt <= 4; attempt++) {
    await world.until(slug, ({ task }) => task.attempt === attempt && task.status.state === "working");
    await world.appears("up");
    Bun.spawnSync(["rm", join(world.repo, "up")]);
    world.processes(" host ").forEach(killIfThere);
  }
  const { task, attempts } = await world.settled(slug);
  expect(task.status).toMatchObject({ state: "failed", reason: "lost" });
  expect(attempts).toHaveLength(4);
});

test("the time that the machine was off is no work: no timeout and no budget counts it", async () => {
  await using world = new World();
  const flags = ["--timeout", "1h", "--budget", "1h"];
  const slug = await world.dispatch(
    "scripted: edit begun yes\nscripted: wait-file go\nscripted: finish done",
    ...flags,
  );
  await world.appears("begun");
  crash(world);
  world.write("go", "");
  const night = 8 * 3_600_000;
  world.store(`UPDATE event SET at = at - ${night}`);
  world.store(`UPDATE attempt SET body = json_set(body, '$.startedAt', body ->> '$.startedAt' - ${night})`);
  const { task, attempts } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(attempts).toHaveLength(1);
  expect(attempts[0]!.waitedMs).toBeGreaterThan(night - 60_000);
});

test("no kind of end leaves anything behind", async () => {
  await using world = new World({ also: "limits:\n  stall: 1s\n  park: 10m\n" });
  const ends = {
    completed: ["scripted: setsid exec sleep 1000\nscripted: finish done"],
    errored: ["scripted: setsid exec sleep 1000\nscripted: error broken"],
    "over-budget": [
      "scripted: setsid exec sleep 1000\nscripted: usage 1 9\nscripted: silence",
      "--budget",
      "$1",
    ],
    stalled: [
      "scripted: setsid exec sleep 1000\nscripted: hang-cancel\nscripted: hang-cancel\nscripted: hang-cancel",
    ],
    parked: ["scripted: setsid exec sleep 1000\nscripted: limit 300"],
    "timed-out": ["scripted: setsid exec sleep 1000\nscripted: wait-file never", "--timeout", "1s"],
  };
  for (const [name, [script, ...flags]] of Object.entries(ends)) {
    await world.dispatch(script!, "--name", name, "--worktree", ...flags);
    if (name === "over-budget") {
      await world.settled(name);
      await world.ok("answer", name, "stop");
    }
    if (name === "parked") {
      await world.until(name, ({ task }) => task.parked !== null);
      await world.ok("cancel", name);
    }
    await world.until(
      name,
      ({ task }) => task.status.state !== "working" && task.status.state !== "submitted",
    );
    await world.ok("clean", name, "--force");
  }
  await world.ended(world.processes(" host "));
  expect(world.processes()).toEqual([await world.daemonPid()]);
  expect(readdirSync(join(world.home, "sessions"))).toEqual([]);
  expect(readdirSync(join(world.home, "tmp"))).toEqual([]);
  expect(readdirSync(join(world.root, "tmp"))).toEqual([]);
  const [worktrees] = readdirSync(join(world.home, "worktrees"));
  expect(worktrees === undefined ? [] : readdirSync(join(world.home, "worktrees", worktrees))).toEqual([]);
  expect(world.git("branch", "--list", "dispatch/*")).toBe("");
}, 120_000);
