import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { World } from "../../test/e2e/world.ts";
import { WORKER_TOOLS } from "../protocol/worker.ts";
import { ERAS, Session } from "./session.fixture.ts";

/** What a model reads of a call that it got wrong, in characters. */
const FAILURE_BUDGET = 700;
const HUGE = "x".repeat(2 * 1024 * 1024);
/** For each tool a call that is right but for what is changed. */
const NEEDS: Record<keyof typeof WORKER_TOOLS, object> = {
  ask: { question: "which?" },
  flag: { text: "look" },
  plan_update: { items: [{ item: 1, mark: "done" }] },
  finish: { summary: "done" },
};
const TOOLS = Object.keys(NEEDS) as (keyof typeof NEEDS)[];

let world: World;
let environment: Record<string, string>;
beforeAll(async () => {
  world = new World();
  await world.dispatchPlan(["- [ ] one"], "scripted: flag up\nscripted: wait-file go", "--name", "works");
  const { task } = await world.until("works", ({ flags }) => flags.length > 0);
  environment = { DISPATCH_WORKER_SOCKET: join(world.home, "sessions", task.session!, "worker.sock") };
});
afterAll(() => world[Symbol.asyncDispose]());

describe.each(Object.keys(ERAS) as (keyof typeof ERAS)[])("the worker's tools in the era of %s", (era) => {
  const open = (): Promise<Session> => Session.open(world, { era, environment, words: ["mcp", "--worker"] });

  test("are these and no others", async () => {
    await using worker = await open();
    const { tools } = await worker.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(TOOLS);
    for (const name of ["dispatch_task", "dispatch_approve", "tool", "__proto__", ""]) {
      const answer = await worker.call(name).catch((error: Error) => ({ failed: true, text: error.message }));
      expect(answer).toMatchObject({ failed: true, text: expect.stringMatching(/not found|disabled/) });
    }
  });

  test("say in few words what is wrong with their arguments, and nothing of it reaches the task", async () => {
    await using worker = await open();
    for (const name of TOOLS) {
      const given = NEEDS[name];
      const wrong: object[] = [{}, { ...given, surprise: 1 }, { ...given, tool: "finish" }];
      for (const key of Object.keys(WORKER_TOOLS[name].shape))
        for (const value of [HUGE, { not: "this" }, null, 7, [HUGE]]) wrong.push({ ...given, [key]: value });
      for (const input of wrong) {
        const said = await worker.call(name, input);
        expect({ name, failed: said.failed }).toEqual({ name, failed: true });
        expect(said.characters).toBeLessThan(FAILURE_BUDGET);
      }
    }
    const unknown = await worker.call("plan_update", { items: [{ item: 9, mark: "done" }] });
    expect(unknown).toMatchObject({ failed: true, text: expect.stringContaining("9") });
    const { task, questions, flags } = await world.task("works");
    const left = [task.plan.items.map(({ mark }) => mark), questions, flags.map(({ text }) => text)];
    expect(left).toEqual([["open"], [], ["up"]]);
  });
});

test("outside of a task they are refused in one line", async () => {
  const { code, stderr } = await world.run("mcp", "--worker");
  expect([code, stderr]).toEqual([
    2,
    'dispatch: error: worker tools run inside a task only\ndispatch: hint: dispatch run "<task>"\n',
  ]);
});
