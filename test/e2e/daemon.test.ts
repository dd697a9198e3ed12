import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { homeFiles } from "../../src/base/home.ts";
import { World } from "./world.ts";

test("there is one daemon, however many commands start it at once", async () => {
  await using world = new World();
  const runs = await Promise.all(Array.from({ length: 6 }, () => world.run("tasks")));
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(world.processes("daemon run")).toEqual([await world.daemonPid()]);
  const second = await world.run("daemon", "run");
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(
    `a daemon (process ${await world.daemonPid()}) already serves ${world.home}`,
  );
});

test("a socket that a killed daemon left is no obstacle", async () => {
  await using world = new World();
  await world.ok("tasks");
  await world.killDaemon();
  expect(existsSync(homeFiles(world.home).socket)).toBe(true);
  expect((await world.run("daemon", "status")).code).not.toBe(0);
  await world.ok("tasks");
  expect((await world.run("daemon", "status")).code).toBe(0);
});

test("a store that a newer program wrote is left alone, in words", async () => {
  await using world = new World();
  await world.ok("tasks");
  await world.ok("daemon", "stop");
  const path = join(world.home, "dispatch.db");
  const store = new Database(path);
  store.run("PRAGMA user_version = 9999");
  store.close();
  const refused = await world.run("tasks");
  expect(refused.code).toBe(6);
  expect(refused.stderr).toMatch(/^dispatch: error: no daemon could be started: [^\n]*newer[^\n]*\n/);
  expect(world.processes("daemon run")).toEqual([]);
});

test("a store that is damaged is told, and not written over", async () => {
  await using world = new World();
  await Bun.write(
    join(world.home, "dispatch.db"),
    "this is no database, and it is long enough to look like one ".repeat(100),
  );
  const refused = await world.run("tasks");
  expect(refused.code).toBe(6);
  expect(await Bun.file(join(world.home, "dispatch.db")).text()).toStartWith("this is no database");
});

test("a home in a folder that is a file is told", async () => {
  await using world = new World();
  await Bun.write(join(world.root, "file"), "");
  const refused = await world.run("tasks", "--home", join(world.root, "file", "home"));
  expect(refused.code).toBe(6);
  expect(refused.stderr).toContain("dispatch: hint: set DISPATCH_HOME to a folder that you own");
});

test("workers go on while the daemon is stopped, and a restart finds them", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: run touch up\nscripted: wait-file go\nscripted: run touch done\nscripted: finish done",
  );
  await world.appears("up");
  const agents = world.processes("scripted/agent.ts");
  await world.ok("daemon", "restart");
  await world.ok("daemon", "stop");
  world.write("go", "");
  await world.appears("done");
  expect(world.processes("scripted/agent.ts")).toEqual(agents);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
});
