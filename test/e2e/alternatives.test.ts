import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AGENT, World } from "./world.ts";

const COMMAND = AGENT.join(" ");

/** An agent that cannot do what `variables` keep it from, and two that can: models of the same names. */
function worldWithout(...variables: string[]): World {
  const lines = ["default: first", "# kept", "backends:"];
  lines.push(
    `  first: {command: ${JSON.stringify(["env", ...variables, COMMAND].join(" "))}, protocol: acp}`,
  );
  for (const name of ["second", "third"])
    lines.push(`  ${name}: {command: ${JSON.stringify(COMMAND)}, protocol: acp}`);
  lines.push(
    "models:",
    "  first: {backend: first}",
    "  second: {backend: second}",
    "  third: {backend: third}",
  );
  lines.push("  gone: {backend: second, id: scripted-gone}", "  absent: {backend: gemini}");
  lines.push("limits: {park: off}"); // else a limit is waited for
  return new World({ settings: `${lines.join("\n")}\n` });
}

describe("where an agent cannot be used, its task names models that can", () => {
  test.each([
    ["SCRIPTED_START=login", "scripted: finish done", "setup"],
    ["SCRIPTED_START=late-login", "scripted: finish done", "setup"],
    ["SCRIPTED_START=crash", "scripted: finish done", "setup"],
    ["SCRIPTED_START=limit", "scripted: finish done", "agent-error"],
    ["A=b", "scripted: limit 3600", "agent-error"],
  ] as const)("%s, %s", async (variable, script, reason) => {
    await using world = worldWithout(variable);
    const slug = await world.dispatch(script, "--name", "odd");
    const { task } = await world.settled(slug);
    expect(task.status).toMatchObject({
      state: "failed",
      reason,
      unusable: "agent",
      instead: ["second", "third", "gone"],
      hint: "dispatch retry odd --model second",
    });
    expect(await world.ok("status", "odd")).toContain(
      "Next: dispatch retry odd --model second (or third, gone)",
    );
    expect((await world.run("wait", "odd")).stdout).toContain(
      "Next: dispatch retry odd --model second (or third",
    );
  });

  test("also where it keeps others from starting", async () => {
    await using world = worldWithout("SCRIPTED_START=login");
    await world.dispatch("scripted: finish done", "--name", "odd");
    await world.dispatch("scripted: finish done", "--name", "later", "--after", "odd");
    await world.settled("odd");
    const step = "dispatch retry odd --model second (or third, gone)";
    expect(await world.ok("inbox")).toContain(`so these do not start: later\n  ${step}\n`);
    expect(await world.ok("status", "later")).toContain(`Next: ${step}`);
  });

  test("also a default that is an agent by its own name", async () => {
    const backend = (variable: string) =>
      `{command: ${JSON.stringify(`env ${variable} ${COMMAND}`)}, protocol: acp}`;
    const backends = `backends:\n  one: ${backend("A=b")}\n  two: ${backend("SCRIPTED_START=login")}\n`;
    await using world = new World({ settings: `default: one\n${backends}` });
    const slug = await world.dispatch("scripted: finish done", "--agent", "two", "--name", "odd");
    expect((await world.settled(slug)).task.status).toMatchObject({
      instead: ["one"],
      hint: "dispatch retry odd --model one",
    });
  });

  test("of the same agent too where only the model is not there", async () => {
    await using world = worldWithout("A=b");
    const slug = await world.dispatch("scripted: finish done", "--model", "gone", "--name", "odd");
    expect((await world.settled(slug)).task.status).toMatchObject({
      reason: "setup",
      unusable: "model",
      instead: ["first", "second", "third"],
      hint: "dispatch retry odd --model first",
    });
  });

  test("and there is none where every agent lacks something", async () => {
    await using world = new World({ agentVariables: "SCRIPTED_START=login" });
    const slug = await world.dispatch("scripted: finish done", "--name", "odd");
    const { status } = (await world.settled(slug)).task;
    expect(status).toMatchObject({ unusable: "agent", hint: "dispatch doctor" });
    expect(status).not.toHaveProperty("instead");
  });
});

test("a retry goes on with another model, and writes the choice back where it is told to", async () => {
  await using world = worldWithout("SCRIPTED_START=login");
  const slug = await world.dispatch("scripted: finish done");
  await world.settled(slug);
  expect((await world.run("retry", slug, "--save")).code).toBe(2);
  const { code, stdout, stderr } = await world.run("retry", slug, "--model", "second", "--save");
  expect(code).toBe(0);
  expect(stdout).toBe(`Attempt 2 of ${slug} using second.\n`);
  expect(stderr).toContain("note: second is the default from now on");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  const text = readFileSync(join(world.home, "config.yaml"), "utf8");
  expect(text).toStartWith("default: second\n# kept\n");
  expect((await world.settled(await world.dispatch("scripted: finish done"))).task.model.name).toBe("second");
});

test("a choice that a workspace made is written back there", async () => {
  await using world = worldWithout("SCRIPTED_START=login");
  const text = readFileSync(join(world.home, "config.yaml"), "utf8");
  world.config(
    `${text}workspaces:\n  repo: {model: first, worktree: false}\n`.replace(
      "default: first",
      "default: third",
    ),
  );
  const slug = await world.dispatch("scripted: finish done");
  await world.settled(slug);
  await world.ok("retry", slug, "--model", "second", "--save");
  expect(readFileSync(join(world.home, "config.yaml"), "utf8")).toContain("default: third");
  expect(await world.ok("config", "get", "workspaces.repo.model")).toBe("second\n");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
});
