import { describe, expect, test } from "bun:test";
import { AGENT, World } from "./world.ts";

describe("an agent that does not start", () => {
  test.each([
    ["crash", "exit code 3", "dispatch logs odd"],
    ["login", "Authentication required", "dispatch doctor"],
  ])("is told with its reason: %s", async (fault, reason, hint) => {
    await using world = new World({ agentVariables: `SCRIPTED_START=${fault}` });
    await world.dispatch("scripted: finish done", "--name", "odd");
    const { task } = await world.settled("odd");
    expect(task.status).toMatchObject({ state: "failed", reason: "setup", hint });
    expect("message" in task.status && task.status.message).toContain(reason);
    expect(world.processes("scripted/agent.ts")).toEqual([]);
  });

  test("because its program is not there is told so", async () => {
    await using world = new World();
    world.agent("/nowhere/agent", "--acp");
    await world.dispatch("do it", "--name", "odd");
    const { task } = await world.settled("odd");
    expect(task.status).toMatchObject({ state: "failed", reason: "setup" });
    expect("message" in task.status && task.status.message).toContain("/nowhere/agent");
  });

  test("because it is another program is told what that one wrote", async () => {
    await using world = new World();
    world.agent("echo", "usage: another program");
    await world.dispatch("do it", "--name", "odd");
    const { task } = await world.settled("odd");
    expect("message" in task.status && task.status.message).toContain("usage: another program");
  });

  test("may be retried when it was mended", async () => {
    await using world = new World({ agentVariables: "SCRIPTED_START=crash" });
    await world.dispatch("scripted: finish done", "--name", "odd");
    await world.settled("odd");
    world.agent(...AGENT);
    await world.ok("retry", "odd");
    expect((await world.settled("odd")).task.status.state).toBe("completed");
  });
});

describe("an agent that", () => {
  test("crashes at each start of its work fails its task, and leaves nothing running", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: text hello\nscripted: crash 7");
    // A crashed agent is resumed in its conversation; what it may not have seen crashes it again.
    expect((await world.settled(slug)).task.status).toMatchObject({ state: "failed", reason: "agent-error" });
    expect(world.processes("scripted/agent.ts")).toEqual([]);
  });

  test("writes rubbish between its messages is understood all the same", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: rubbish\nscripted: text still here\nscripted: finish done");
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    expect(await world.said(slug)).toBe("still here");
  });

  test("floods its reader is told in full and in order", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: flood 20000 100\nscripted: finish done");
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    const numbers = (await world.said(slug)).match(/\d+ /g)!.map(Number);
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, at) => at + 1));
  });

  test("writes one endless line loses its turn, not the host", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: line 80000000\nscripted: finish done");
    const { task } = await world.settled(slug);
    expect(["completed", "failed"]).toContain(task.status.state);
  });

  test("answers a prompt with an error fails its task with that error", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: error the model is confused");
    const { task } = await world.settled(slug);
    expect(task.status).toMatchObject({ state: "failed", reason: "agent-error" });
    expect("message" in task.status && task.status.message).toContain("the model is confused");
  });

  test("refuses, or runs out of tokens, fails its task", async () => {
    await using world = new World();
    const refused = await world.dispatch("scripted: stop refusal");
    expect((await world.settled(refused)).task.status).toMatchObject({
      state: "failed",
      message: "the model refused the task",
    });
  });

  test("works longer than it may is ended", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: silence", "--timeout", "1s");
    expect((await world.settled(slug)).task.status).toMatchObject({
      state: "failed",
      reason: "timeout",
      message: "not done after 1s",
      hint: `dispatch resume ${slug}`,
    });
    expect(world.processes("scripted/agent.ts")).toEqual([]);
  });

  test("waits for a person has all the time in the world", async () => {
    await using world = new World({ also: "limits:\n  idle: 6s\n" }); // in which a slow machine comes to the question
    const slug = await world.dispatchPlan(
      ["choose"],
      "scripted: mark 1 blocked Which?\nscripted: stop end_turn\nscripted: tick 1\nscripted: finish done",
      "--timeout",
      "6s",
    );
    await world.settled(slug);
    await world.ended(world.processes("scripted/agent.ts")); // after six seconds, by which it is let go
    expect((await world.task(slug)).task.status.state).toBe("input-required");
  });
});

describe("a model or agent that is not there", () => {
  test.each([
    [["--model", "nonesuch"], 3, 'no model or agent "nonesuch"'],
    [["--agent", "nonesuch"], 3, 'no model or agent "nonesuch"'],
    [["--agent", "gemini"], 3, "gemini, which is not installed"],
  ])("is named, and no task is made: %p", async (words, code, reason) => {
    await using world = new World();
    const refused = await world.run("run", "do it", ...words);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(reason);
    expect(refused.stderr).toMatch(/^dispatch: hint: \S/m);
    expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toEqual([]);
  });

  test("that the agent itself does not know fails the task with what it offers", async () => {
    await using world = new World({ also: "models:\n  wrong:\n    backend: scripted\n" });
    const slug = await world.dispatch("do it", "--model", "wrong");
    const { task } = await world.settled(slug);
    expect(task.status).toMatchObject({
      state: "failed",
      reason: "setup",
      hint: `dispatch retry ${slug} --model scripted`,
    });
    expect("message" in task.status && task.status.message).toContain("scripted-large");
  });
});
