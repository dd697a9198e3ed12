import { describe, expect, test } from "bun:test";
import { OutsideAgent } from "./outside-agent.ts";
import { SessionWorld } from "./session-world.ts";
import { TerminalWorld } from "./terminal-world.ts";

/** A session of the repository with an agent that asks before what it does. */
async function opened(): Promise<{ world: SessionWorld; id: string }> {
  const world = new SessionWorld();
  const { session } = await world.open({ name: "api", permissions: "ask" });
  return { world, id: session.id };
}

describe("dispatch tell --wait", () => {
  test("prints what the agent answers, and nothing else, behind what is told before", async () => {
    const { world } = await opened();
    await using _ = world;
    await world.tell("api", "scripted: text not this\nscripted: wait-file go");
    const told = world.start("tell", "api", "--wait", "scripted: text two\nscripted: text words");
    await world.untilSession("api", ({ messages }) => messages.length === 2);
    world.write("go", "");
    expect(await new Response(told.stdout).text()).toBe("twowords\n");
    expect(await told.exited).toBe(0);
    const { answer, end, message } = JSON.parse(
      await world.ok("--json", "tell", "api", "--wait", "scripted: text again"),
    ) as Record<string, unknown>;
    expect({ answer, end }).toEqual({ answer: "again", end: "done" });
    expect(message).toMatchObject({ receipt: { state: "consumed" }, consumedAt: expect.any(Number) });
    expect(await world.ok("messages", "api")).toMatch(/taken by the agent \d+\w+ ago +scripted: text again/);
  });

  test("ends with 4 where a person is needed first, and says for what", async () => {
    const { world } = await opened();
    await using _ = world;
    const asked = await world.run("tell", "api", "--wait", "scripted: permission execute make deploy");
    expect(asked).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/make deploy[^]*dispatch approve apr_/),
    });
    const waits = await world.run("wait", "api");
    expect(waits).toMatchObject({ code: 4, stdout: expect.stringContaining("wants to use a tool") });
  });

  test("ends with 1 where the turn fails, with the reason, and where the time is over", async () => {
    const { world } = await opened();
    await using _ = world;
    const failed = await world.run(
      "tell",
      "api",
      "--wait",
      "scripted: text begun\nscripted: error no more credits",
    );
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/^begun\n.*no more credits/) });
    const died = await world.run("tell", "api", "--wait", "scripted: text halfway\nscripted: crash 3");
    expect(died).toMatchObject({ code: 1, stdout: expect.stringContaining("halfway") });
    const unsure = await world.run("tell", "api", "--wait", "scripted: crash 3");
    expect(unsure).toMatchObject({ code: 4, stdout: expect.stringContaining("dispatch release msg_") });
    const late = await world.run("tell", "api", "--wait", "--timeout", "300ms", "scripted: silence");
    expect(late).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("within 300ms\ndispatch: hint: dispatch wait api\n"),
    });
    expect((await world.run("tell", "api", "--timeout", "1s", "hello")).code).toBe(2);
  });

  test("says where the answer of an agent in a terminal stands", async () => {
    await using world = new TerminalWorld();
    await world.ok("open", ".", "--task", "flaky tests");
    expect(await world.ok("tell", "flaky tests", "--wait", "scripted: text hello")).toMatch(
      /took it, and is done\.\nIts answer: dispatch screen 'flaky tests'\n$/,
    );
    const asks = await world.run("tell", "flaky tests", "--wait", "scripted: ask Bash make deploy");
    expect(asks).toMatchObject({
      code: 4,
      stdout: "flaky tests waits at its terminal: Bash: make deploy\nNext: dispatch attach 'flaky tests'\n",
    });
  });
});

test("an agent that somebody else started is waited for, too: until it is idle, or asks its person", async () => {
  await using world = new SessionWorld();
  await world.ok("daemon", "start");
  await using agent = new OutsideAgent(world);
  await agent.begins();
  await agent.prompted();
  const waiting = world.start("wait", "repo");
  await agent.stops();
  expect(await new Response(waiting.stdout).text()).toBe("repo is idle.\n");
  expect(await waiting.exited).toBe(0);
  await agent.prompted();
  const told = world.start("tell", "repo", "--wait", "look at the tests");
  await world.untilSession("repo", ({ messages }) => messages.length === 1);
  expect(await agent.stops()).toContain("look at the tests");
  expect(await agent.stops()).toBeNull();
  expect(await new Response(told.stdout).text()).toMatch(/^repo took it, and is done\./);
  await agent.prompted();
  await agent.hook("notification", {
    hook_event_name: "Notification",
    notification_type: "permission_prompt",
  });
  expect(await world.run("wait", "repo")).toMatchObject({
    code: 4,
    stdout: expect.stringMatching(/^repo waits at its terminal: approval\nNext: dispatch session show ses_/),
  });
});

test("dispatch wait waits until a session is idle, or stopped", async () => {
  const { world, id } = await opened();
  await using _ = world;
  await world.tell("api", "scripted: wait-file go");
  await world.tell("api", "scripted: text next");
  const waiting = world.start("wait", "api");
  world.write("go", "");
  expect(await new Response(waiting.stdout).text()).toBe("api is idle.\n");
  expect(await waiting.exited).toBe(0);
  expect(await world.saidIn(id)).toBe("next");
  await world.ok("stop", "api");
  expect(await world.ok("wait", "api")).toBe("api is stopped.\n");
  expect((await world.run("wait", "api", id)).code).toBe(2);
});
