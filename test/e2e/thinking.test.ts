import { describe, expect, test } from "bun:test";
import { World } from "./world.ts";

describe("a level of thinking", () => {
  test("reaches the agent, and is kept when its work is gone on with", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: thinking\nscripted: finish done", "--thinking", "high");
    expect((await world.settled(slug)).task).toMatchObject({
      thinking: "high",
      status: { state: "completed" },
    });
    expect(await world.said(slug)).toBe("thinking high");
    await world.ok("resume", slug);
    await world.settled(slug);
    await world.ok("retry", slug, "--thinking", "xhigh");
    await world.settled(slug);
    expect(await world.said(slug)).toEndWith("thinking max");
    await world.ok("retry", slug, "--thinking", "default");
    await world.settled(slug);
    expect(await world.said(slug)).toEndWith("thinking default");
  });

  test("that the chosen model lacks fails the task with those that it has, and another one mends it", async () => {
    await using world = new World({
      also: "models:\n  small:\n    backend: scripted\n    id: scripted-small\n",
    });
    const script = "scripted: thinking\nscripted: finish done";
    const slug = await world.dispatch(script, "--model", "small", "--thinking", "high");
    const { task } = await world.settled(slug);
    expect(task.status).toMatchObject({
      state: "failed",
      reason: "setup",
      message: expect.stringContaining("the thinking levels low"),
      hint: `dispatch retry ${slug} --thinking <level>`,
    });
    await world.ok("retry", slug, "--thinking", "low");
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    expect(await world.said(slug)).toBe("thinking low");
  });

  test.each([
    [["--agent", "shell", "--thinking", "high"], "Shell has no thinking levels"],
    [["--thinking", "much"], "--thinking"],
    [["--agent", "claude", "--thinking", "minimal"], "Claude Code has no thinking level minimal"],
  ])("that an agent does not understand is refused before there is a task: %p", async (words, reason) => {
    await using world = new World();
    const bin = `${world.root}/bin`;
    await Bun.write(`${bin}/claude`, "#!/bin/sh\necho 1.0.0\n");
    await Bun.$`chmod +x ${bin}/claude`;
    world.environment["PATH"] = `${bin}:${world.environment["PATH"]}`;
    const refused = await world.run("run", "true", ...words);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(reason);
    expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toEqual([]);
  });

  test("is refused with the levels that there are", async () => {
    await using world = new World();
    const { task } = await world.json<{ task: { slug: string } }>("run", "true", "--agent", "shell");
    await world.settled(task.slug);
    const refused = await world.run("retry", task.slug, "--thinking", "low");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("no thinking levels") });
  });
});
