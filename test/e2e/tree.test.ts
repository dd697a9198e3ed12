import { expect, test } from "bun:test";
import type { CallAnswer, TaskDetail } from "../../src/protocol/api.ts";
import type { SessionId } from "../../src/protocol/id.ts";
import { OutsideAgent } from "./outside-agent.ts";
import { SessionWorld } from "./session-world.ts";

/** Has an agent of a session hand over a task that uses this much. */
async function handOver(world: SessionWorld, from: SessionId, dollars: number): Promise<TaskDetail> {
  const prompt = `Worth ${dollars}\nscripted: usage 1 ${dollars}\nscripted: finish done`;
  const request = { prompt, workspace: world.repo, fromSession: from, environment: world.environment };
  const { task } = await world.client.call("createTask", {}, request);
  return world.until(task.slug, (detail) => detail.task.status.state === "completed");
}

test("what a session and a task used is told with all that was handed over from them, near and far", async () => {
  await using world = new SessionWorld();
  const { session, message } = await world.open({
    prompt: "scripted: usage 1 0.5\nscripted: say hello",
    permissions: "all",
  });
  await world.untilMessage(message!.id, "ended");
  const one = await handOver(world, session.id, 1);
  const two = await handOver(world, one.task.session!, 2);
  await handOver(world, two.task.session!, 4);

  const { tree } = await world.session(session.id);
  expect(tree).toMatchObject({ tasks: 3, spent: { dollars: 7.5, tokens: 0 } });
  const first = await world.task(one.task.slug);
  expect(first.task).toMatchObject({ fromSession: session.id, spent: { dollars: 1 } });
  expect(first.tree).toMatchObject({ tasks: 2, spent: { dollars: 7 } });
  expect(first.tree.workedMs).toBeGreaterThan(first.workedMs);
  expect(await world.ok("status", one.task.slug)).toContain("with 2 tasks handed over from it: $7.00");
  expect(await world.ok("session", "show", session.id)).toContain("with 3 tasks handed over from it: $7.50");
  const { tasks } = await world.json<CallAnswer<"listTasks">>("tasks", "--from", session.id);
  expect(tasks.map(({ id }) => id)).toEqual([one.task.id]);
});

test("a person's task is alone, and each task of a sweep knows whose agent handed it over", async () => {
  await using world = new SessionWorld();
  const slug = await world.dispatch("scripted: finish done");
  const { task, tree } = await world.settled(slug);
  expect([task.fromSession, tree.tasks]).toEqual([null, 0]);
  const tasks = [{ prompt: "scripted: finish one" }, { prompt: "scripted: finish two" }];
  const from = { fromSession: task.session!, environment: world.environment };
  const made = await world.client.call("createSweep", {}, { workspace: world.repo, tasks, ...from });
  expect(made.tasks.map(({ fromSession }) => fromSession)).toEqual([task.session, task.session]);
  expect((await world.task(slug)).tree.tasks).toBe(2);
});

test("a task that an agent outside hands over by its process is of its session", async () => {
  await using world = new SessionWorld();
  await world.ok("daemon", "start");
  await using agent = new OutsideAgent(world);
  await agent.begins();
  const slug = await world.dispatch("scripted: finish done", "--for", String(agent.pid));
  const { task } = await world.settled(slug);
  const { session, tree } = await world.session(task.fromSession!);
  expect([session.origin, tree.tasks]).toEqual(["external", 1]);
});
