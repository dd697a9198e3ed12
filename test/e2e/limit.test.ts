import { expect, test } from "bun:test";
import type { TaskDetail } from "../../src/protocol/api.ts";
import { AGENT, World } from "./world.ts";

/** Two agents that are the same program, and models of theirs. */
function twoAgents(also = ""): { settings: string } {
  const command = JSON.stringify(AGENT.join(" "));
  const backend = `    command: ${command}\n    protocol: acp\n`;
  return {
    settings:
      `default: one\nbackends:\n  first:\n${backend}  second:\n${backend}` +
      `models:\n  one: { backend: first, id: scripted-large }\n  two: { backend: second, id: scripted-large }\n${also}`,
  };
}

/** The day is said where it is another one. */
const WAITS = /waits until (\S+ )?\d\d:\d\d for the usage limit of scripted/;

function isParked({ task }: TaskDetail): boolean {
  return task.parked !== null;
}

test("a task at a usage limit waits without an agent, and goes on in its conversation", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: limit 6\nscripted: recall\nscripted: finish done");
  const { task, attempts } = await world.until(slug, isParked);
  expect(task.parked).toMatchObject({
    limit: "usage",
    message: "The usage limit has been reached",
    tries: 1,
  });
  expect(attempts[0]!.parks).toBe(1);
  expect(await world.ok("status", slug)).toMatch(WAITS);
  await world.ended(world.processes("scripted/agent"));
  const ended = await world.settled(slug);
  expect(ended.task.status.state).toBe("completed");
  expect(ended.attempts).toHaveLength(1);
  expect(await world.said(slug)).toBe("turns 2");
});

test("a wait outlives the daemon, and the machine's clock", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: limit 600\nscripted: finish done");
  await world.until(slug, isParked);
  await world.ended(world.processes(" host "));
  await world.killDaemon();
  expect((await world.task(slug)).task.parked).not.toBeNull();
  await world.ok("daemon", "stop");
  world.store(
    `UPDATE task SET body = json_set(body, '$.parked.until', json_extract(body, '$.parked.at') + 1)`,
  );
  expect((await world.settled(slug)).task.status.state).toBe("completed");
});

test("resume tries at once what waits", async () => {
  await using world = new World();
  const one = await world.dispatch("scripted: limit 600\nscripted: finish done", "--name", "one");
  await world.until(one, isParked);
  await world.ok("resume", one);
  expect((await world.settled(one)).task.status.state).toBe("completed");
  const two = await world.dispatch("scripted: limit 600\nscripted: finish done", "--name", "two");
  await world.until(two, isParked);
  expect(await world.ok("resume", "--all")).toBe("two goes on.\n");
  expect((await world.settled(two)).task.status.state).toBe("completed");
});

test("what is resumed while its agent is still being ended goes on after that", async () => {
  await using world = new World();
  const deaf =
    "scripted: setsid trap '' TERM; touch deaf; while :; do sleep 1; done\nscripted: wait-file deaf";
  const slug = await world.dispatch(`${deaf}\nscripted: limit 600\nscripted: recall\nscripted: finish done`);
  await world.until(slug, isParked);
  await world.ok("resume", slug);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect(await world.said(slug)).toBe("turns 2");
});

test("while an agent is at its limit nothing else is started for it, then one tries for all", async () => {
  await using world = new World(twoAgents());
  const first = await world.dispatch(
    "scripted: limit 600\nscripted: wait-file go\nscripted: finish done",
    "--name",
    "first",
  );
  await world.until(first, isParked);
  const waiting = await world.dispatch("scripted: finish done", "--name", "waiting");
  const other = await world.dispatch("scripted: finish done", "--model", "two", "--name", "other");
  expect((await world.settled(other)).task.status.state).toBe("completed");
  expect((await world.task(waiting)).task.status.state).toBe("submitted");
  await world.ok("resume", first);
  await world.until(first, ({ task }) => task.parked === null);
  expect((await world.task(waiting)).task.status.state).toBe("submitted");
  world.write("go", "");
  expect((await world.settled(waiting)).task.status.state).toBe("completed");
  expect((await world.settled(first)).task.status.state).toBe("completed");
});

test("what is not started because of its agent's limit says that it waits for it", async () => {
  await using world = new World();
  const first = await world.dispatch("scripted: limit 600\nscripted: finish done");
  await world.until(first, isParked);
  const second = await world.dispatch("scripted: finish done");
  expect(await world.ok("status", second)).toMatch(WAITS);
  expect((await world.task(second)).held).toEqual((await world.task(first)).task.parked);
});

test("a start at a limit parks the task, and cancel ends it there", async () => {
  await using world = new World({ agentVariables: "SCRIPTED_START=limit" });
  const slug = await world.dispatch("scripted: finish done");
  await world.until(slug, isParked);
  await world.ok("cancel", slug);
  expect((await world.settled(slug)).task).toMatchObject({ status: { state: "canceled" }, parked: null });
});

test("a wait that is too long, or is switched off, fails the task with what can be done", async () => {
  await using world = new World(twoAgents("limits:\n  park: 1m\n"));
  const far = await world.dispatch("scripted: limit 600\nscripted: finish done");
  expect((await world.settled(far)).task.status).toMatchObject({
    state: "failed",
    reason: "agent-error",
    unusable: "agent",
    hint: `dispatch retry ${far} --model two`,
  });
  await world.ok("config", "set", "limits.park", "off");
  const off = await world.dispatch("scripted: limit 1\nscripted: finish done", "--name", "off");
  expect((await world.settled(off)).task.status.state).toBe("failed");
});

test("another model takes over where the config says so, once, with the ticks that are there", async () => {
  await using world = new World(twoAgents("failover: [two, one]\nlimits:\n  park: off\n"));
  const slug = await world.dispatchPlan(
    ["a", "b"],
    "scripted: tick 1\nscripted: limit\nscripted: finish done",
    "--name",
    "moves",
  );
  const { task, attempts } = await world.settled(slug);
  expect(task.status).toMatchObject({ state: "failed", unusable: "agent" });
  expect(attempts.map(({ model }) => [model.name, model.because])).toEqual([
    ["one", "default"],
    ["two", "failover"],
  ]);
  expect(attempts[0]!.outcome).toMatchObject({
    state: "failed",
    message: "The usage limit has been reached",
  });
  expect(task.plan.items.map(({ mark }) => mark)).toEqual(["done", "open"]);
  expect(await world.ok("status", slug)).toContain(
    "two took over from one: The usage limit has been reached",
  );
  const table = await world.ok("attempts", slug);
  expect(table.split("\n")[0]).toMatch(/^1 +one +failed: agent-error/);
  expect(table.split("\n")[1]).toMatch(/^2 +two +failed: agent-error/);
});

test("a model that cannot start is replaced by the one that it names itself", async () => {
  await using world = new World({
    settings: twoAgents().settings.replace(
      "one: { backend: first, id: scripted-large }",
      "one: { backend: first, id: nonesuch, failover: [two] }",
    ),
  });
  const slug = await world.dispatch("scripted: finish done");
  const { task, attempts } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(attempts.map(({ model }) => model.name)).toEqual(["one", "two"]);
});
