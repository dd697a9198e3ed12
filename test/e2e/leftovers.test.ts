import { expect, test } from "bun:test";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { newId } from "../../src/base/id.ts";
import { killIfThere, World } from "./world.ts";

test("an ended task leaves the store, its task folder and what it made", async () => {
  await using world = new World();
  const done = await world.dispatch("scripted: edit a.txt hello\nscripted: finish done", "--name", "done");
  await world.settled(done);
  const failed = await world.dispatch(
    "scripted: setsid exec sleep 1000\nscripted: crash",
    "--name",
    "failed",
  );
  await world.settled(failed);
  const canceled = await world.dispatch("scripted: run touch up\nscripted: silence", "--name", "canceled");
  await world.appears("up");
  await world.ok("cancel", canceled);
  await world.settled(canceled);
  const inTree = await world.dispatch("scripted: finish done", "--worktree", "--name", "in-tree");
  await world.settled(inTree);
  await world.ok("clean", inTree);
  await world.ended(world.processes(" host "));
  expect(world.processes()).toEqual([await world.daemonPid()]);
  expect(readdirSync(join(world.home, "sessions"))).toEqual([]);
  expect(readdirSync(join(world.root, "tmp"))).toEqual([]);
  expect(readdirSync(world.repo).sort()).toEqual([".dispatch", ".git", "a.txt", "readme.txt", "up"]);
  expect(readdirSync(join(world.repo, ".dispatch/tasks")).sort()).toEqual([
    "canceled",
    "done",
    "failed",
    "in-tree",
  ]);
  expect(world.git("status", "--porcelain")).toBe("?? a.txt\n?? up\n");
  await world.ok("daemon", "stop");
  const kept = readdirSync(world.home).filter((name) => name !== "bin"); // where the program was built, that is itself
  expect(kept.sort()).toEqual([
    "config.last.yaml",
    "config.yaml",
    "daemon.lock",
    "daemon.log",
    "dispatch.db",
    "local.token",
    "sessions",
    "tmp",
    "worktrees",
  ]);
});

test("what a killed host left goes when its task ends", async () => {
  await using world = new World({ agentVariables: "SCRIPTED_START=no-resume" });
  const slug = await world.dispatch("scripted: run touch up\nscripted: silence");
  await world.appears("up");
  world.processes(" host ").forEach(killIfThere);
  await world.settled(slug);
  await world.ended(world.processes(" host "));
  expect(readdirSync(join(world.home, "sessions"))).toEqual([]);
});

test("what was being removed when its host died goes with the next start; a folder of another store stays", async () => {
  await using world = new World();
  const sessions = join(world.home, "sessions");
  const other = newId("ses");
  mkdirSync(join(sessions, `${newId("ses")}.over`, "log"), { recursive: true });
  mkdirSync(join(sessions, other));
  await world.ok("tasks");
  expect(readdirSync(sessions)).toEqual([other]);
});

test("a task that waits for a person keeps what its next agent needs", async () => {
  await using world = new World({ also: "limits:\n  idle: 1s\n" });
  const slug = await world.dispatchPlan(
    ["choose"],
    "scripted: mark 1 blocked Which?\nscripted: stop end_turn\nscripted: tick 1",
  );
  await world.settled(slug);
  await world.ended(world.processes(" host "));
  expect(readdirSync(join(world.home, "sessions"))).toHaveLength(1);
  await world.ok("answer", slug, "this");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  await world.ended(world.processes(" host "));
  expect(readdirSync(join(world.home, "sessions"))).toEqual([]);
});
