import { Database } from "bun:sqlite";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { Schedule } from "../../src/protocol/schedule.ts";
import type { Task } from "../../src/protocol/task.ts";
import { World } from "./world.ts";

const EACH_SECOND = "* * * * * *";

async function schedules(world: World): Promise<Schedule[]> {
  return (await world.json<{ schedules: Schedule[] }>("schedule")).schedules;
}

async function tasks(world: World): Promise<Task[]> {
  return (await world.json<{ tasks: Task[] }>("tasks")).tasks;
}

/** What schedules say of their next time, as if it had been so while no daemon ran. */
function put(world: World, change: Partial<Schedule>): void {
  const db = new Database(join(world.home, "dispatch.db"));
  const rows = db.query("SELECT id, body FROM schedule").all() as { id: string; body: string }[];
  for (const { id, body } of rows) {
    const changed = JSON.stringify({ ...(JSON.parse(body) as Schedule), ...change });
    db.run("UPDATE schedule SET body = ? WHERE id = ?", [changed, id]);
  }
  db.close();
}

test("a task begins at its time, without anybody, and again", async () => {
  await using world = new World();
  await world.ok(
    "schedule",
    "add",
    EACH_SECOND,
    "scripted: finish fine",
    "--name",
    "tick",
    "--overlap",
    "allow",
  );
  for (let begun: Task[] = []; begun.length < 2; begun = await tasks(world)) {
    const [last] = begun;
    if (last) await world.settled(last.id);
  }
  await world.ok("schedule", "off", "tick");
  expect((await schedules(world))[0]).toMatchObject({ enabled: false, last: { outcome: { type: "task" } } });
  await world.ok("schedule", "rm", "tick");
  expect(await schedules(world)).toEqual([]);
});

test("a time at which no daemon ran is made up for once, or left out, as it was said", async () => {
  for (const [missed, begun] of [
    ["once", 1],
    ["skip", 0],
  ] as const) {
    await using world = new World();
    await world.ok("schedule", "add", "0 3 1 1 *", "scripted: finish fine", "--missed", missed);
    await world.ok("daemon", "stop");
    put(world, { next: Date.now() - 7 * 24 * 3_600_000 });
    await world.ok("tasks");
    await world.ok("daemon", "restart"); // a daemon that stops has done what it had begun
    expect(await tasks(world)).toHaveLength(begun);
    const [schedule] = await schedules(world);
    expect(schedule!.next).toBeGreaterThan(Date.now());
    expect(schedule!.last!.outcome.type).toBe(begun === 1 ? "task" : "skipped");
  }
});

test("a daemon that died after the work and before its record does the work once", async () => {
  await using world = new World();
  await world.ok("schedule", "add", "0 3 1 1 *", "scripted: finish fine");
  await world.ok("daemon", "stop");
  const due = Date.now() - 1_000;
  put(world, { next: due });
  await world.ok("tasks");
  await world.ok("daemon", "stop");
  put(world, { next: due, last: null });
  await world.ok("tasks");
  await world.ok("daemon", "restart");
  expect(await tasks(world)).toHaveLength(1);
});

test("schedules that are removed while they are due are gone, and the daemon goes on", async () => {
  await using world = new World();
  const names = Array.from({ length: 12 }, (_, at) => `due-${at}`);
  for (const name of names)
    await world.ok("schedule", "add", "0 3 1 1 *", "scripted: finish fine", "--name", name);
  await world.ok("daemon", "stop");
  put(world, { next: Date.now() - 1_000 });
  await world.ok("tasks");
  const pid = await world.daemonPid();
  await Promise.all(
    names.map((name) => world.client.call("removeSchedule", { schedule: name }, {}).catch(() => null)),
  );
  expect(await schedules(world)).toEqual([]);
  expect(await world.daemonPid()).toBe(pid);
  expect(world.defects()).toEqual([]);
});

test("a session is told at the time, by the schedule's name, and a task that still runs is not begun again", async () => {
  await using world = new World();
  const { sessionId } = JSON.parse(
    await world.ok(
      "session",
      "new",
      "--workspace",
      world.repo,
      "--prompt",
      "scripted: text ready",
      "--name",
      "watcher",
    ),
  ) as { sessionId: `ses_${string}` };
  await world.ok(
    "schedule",
    "add",
    "0 3 1 1 *",
    "scripted: text looked",
    "--session",
    "watcher",
    "--name",
    "look",
  );
  await world.ok("session", "rename", "watcher", "guard");
  await world.ok("schedule", "run", "look");
  const { messages } = await world.client.call("listMessages", { session: sessionId }, {});
  expect(messages[0]!.from).toMatchObject({ kind: "schedule", name: "look" });

  await world.ok("schedule", "add", "0 3 1 1 *", "scripted: wait-file never", "--name", "long");
  await world.ok("schedule", "run", "long");
  await world.ok("schedule", "off", "look");
  await world.ok("daemon", "stop");
  const db = new Database(join(world.home, "dispatch.db"));
  db.run("UPDATE schedule SET body = json_set(body, '$.next', ?) WHERE name = 'long'", [Date.now() - 1_000]);
  db.close();
  await world.ok("tasks");
  await world.ok("daemon", "restart");
  expect((await schedules(world)).find(({ name }) => name === "long")!.last!.outcome).toEqual({
    type: "skipped",
    because: "overlap",
  });
});

test("mistakes are told, and a worker schedules nothing", async () => {
  await using world = new World();
  for (const words of [
    ["61 * * * *", "x"],
    ["tomorrow", "x"],
    ["0 3 * * *", "x", "--time-zone", "Mars/Base"],
    ["2001-01-01T00:00:00", "x"],
    ["0 3 * * *", " "],
  ])
    expect((await world.run("schedule", "add", ...words)).code).toBe(2);
  for (const [words, error] of [
    [["10:00", "x"], 'no time can be read from "10:00"\ndispatch: hint: "0 9 * * 1-5" is nine'],
    [
      ["0 3 * * *", "x", "--time-zone", "Mars/Base"],
      'there is no time zone "Mars/Base"\ndispatch: hint: give it as',
    ],
    [
      ["0 3 * * *", "x", "--session", "api", "--model", "m"],
      "--model is for a task, and --session sends a message\n",
    ],
  ] as const)
    expect((await world.run("schedule", "add", ...words)).stderr).toStartWith(`dispatch: error: ${error}`);
  for (const words of [
    ["rm", "none"],
    ["add", "0 3 * * *", "x", "--session", "none"],
    ["add", "0 3 * * *", "x", "--workspace", "none"],
  ])
    expect((await world.run("schedule", ...words)).code).toBe(3);
  await world.ok("schedule", "add", "0 3 1 1 *", "do it", "--model", "no-such-model", "--name", "lost");
  const ran = await world.run("schedule", "run", "lost");
  expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining("no-such-model")]);
  world.environment["DISPATCH_RUN"] = "ses_x:1";
  expect((await world.run("schedule", "add", "0 3 * * *", "x")).code).toBe(5);
});
