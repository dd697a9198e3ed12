import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Config } from "../../src/protocol/config.ts";
import type { SetUp } from "../../src/protocol/agent.ts";
import { FakeProductWorld } from "./fake-products.ts";

function configOf(world: FakeProductWorld): string {
  return readFileSync(join(world.home, "config.yaml"), "utf8");
}

describe("setup", () => {
  test("writes what is chosen, explains the rest, and again changes nothing", async () => {
    await using world = new FakeProductWorld();
    world.install("claude");
    world.install("opencode");
    const said = await world.ok("setup");
    expect(said).toContain(
      "added opus, sonnet, haiku, run by claude\n  added opencode, run by opencode\n  opus is the default",
    );
    expect(said).toMatch(/^claude +1\.2\.3 +2 models$/m);
    const text = configOf(world);
    expect(Bun.YAML.parse(text)).toEqual({
      default: "opus",
      models: {
        opus: { backend: "claude" },
        sonnet: { backend: "claude" },
        haiku: { backend: "claude" },
        opencode: { backend: "opencode" },
      },
    });
    expect(await world.ok("setup")).toContain("needs no change");
    expect(configOf(world)).toBe(text);
    expect(world.processes("scripted/agent.ts")).toEqual([]);
  });

  test("explains every setting as it can be written", async () => {
    await using world = new FakeProductWorld();
    world.install("opencode");
    await world.ok("setup");
    const examples = configOf(world)
      .replaceAll(/^(?:default|models):.*\n(?: .*\n)*/gm, "")
      .replaceAll(/^# (?=[a-z_]+:|  )/gm, "");
    const value = Bun.YAML.parse(examples) as object;
    expect(Config.parse(value)).toMatchObject({
      web: { port: 8001 },
      aliases: { reviewer: { model: "opus" } },
    });
    expect(Object.keys(value).length).toBeGreaterThan(6);
  });

  test("keeps what a person wrote, and adds what was installed since", async () => {
    await using world = new FakeProductWorld();
    world.install("opencode");
    await world.ok("setup");
    writeFileSync(
      join(world.home, "config.yaml"),
      "# mine\ndefault: quick # stays\nmodels:\n  quick: {backend: opencode, tier: 1}\ntheme: dark\n",
    );
    world.install("claude");
    expect(await world.ok("setup")).toContain("added opus, sonnet, haiku, run by claude");
    const text = configOf(world);
    expect(text).toStartWith("# mine\ndefault: quick # stays\n");
    expect(text).toContain("theme: dark");
    expect(Bun.YAML.parse(text)).toMatchObject({
      models: { quick: { tier: 1 }, opus: { backend: "claude" } },
    });
    expect(text).not.toContain("opencode:");
  });

  test("chooses a default that can start", async () => {
    await using world = new FakeProductWorld();
    world.install("claude", { login: false });
    world.install("codex", { variables: "SCRIPTED_START=crash" });
    world.install("opencode");
    const found = await world.json<SetUp>("setup");
    expect(found).toMatchObject({ default: "opencode", choices: ["opencode"] });
    expect(found.agents.find(({ agent }) => agent === "claude")).toMatchObject({
      problem: "Claude Code is not logged in",
      hint: "claude auth login",
    });
    expect(found.agents.find(({ agent }) => agent === "codex")!.failure).toContain("exit code 3");
  });

  test("prints without writing, and says how to get an agent where there is none", async () => {
    await using world = new FakeProductWorld();
    expect(await world.ok("setup")).toContain("npm install -g @anthropic-ai/claude-code");
    expect(existsSync(join(world.home, "config.yaml"))).toBeFalse();
    expect(await world.ok("setup", "--print")).toContain("\n# default: opus\n");
    world.install("opencode");
    expect(await world.ok("setup", "--print")).toContain("\ndefault: opencode\n");
    expect(existsSync(join(world.home, "config.yaml"))).toBeFalse();
    expect(existsSync(join(world.home, "probe"))).toBeFalse();
  });

  test("asks on a terminal, takes a number or a name, and asks again", async () => {
    await using world = new FakeProductWorld();
    world.install("claude");
    const seen = await onTerminal(
      world,
      ["setup"],
      [
        ["Default [opus]: ", "nonsense\n"],
        ["is none of them", "2\n"],
      ],
    );
    expect(seen).toContain("2. sonnet");
    expect(Bun.YAML.parse(configOf(world))).toMatchObject({ default: "sonnet" });
    const yes = await onTerminal(world, ["setup", "--yes"], []);
    expect(yes).not.toContain("Default [");
    expect(Bun.YAML.parse(configOf(world))).toMatchObject({ default: "sonnet" });
  });
});

describe("without a configuration", () => {
  test("the first task makes one, without opening an agent first, and goes on", async () => {
    await using world = new FakeProductWorld();
    world.install("claude", { login: false });
    world.install("opencode");
    const { code, stderr } = await world.run("run", "scripted: finish done", "--name", "first");
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("opencode is the default"),
    });
    expect((await world.settled("first")).task.status.state).toBe("completed");
    expect(existsSync(join(world.home, "probe"))).toBeFalse();
    expect(Bun.YAML.parse(configOf(world))).toMatchObject({
      default: "opencode",
      models: { opus: { backend: "claude" } },
    });
    expect((await world.run("run", "scripted: finish done")).stderr).toBe("");
  });

  test("and without an agent nothing is written, and what to do is said", async () => {
    await using world = new FakeProductWorld();
    const { code, stderr } = await world.run("run", "do it");
    expect(code).toBe(3);
    expect(stderr).toContain("no coding agent is installed");
    expect(existsSync(join(world.home, "config.yaml"))).toBeFalse();
  });
});

describe("a name that no config knows", () => {
  test("is looked up in the agents' own lists, and kept over a restart", async () => {
    await using world = new FakeProductWorld("default: opencode\nmodels:\n  opencode:\n");
    world.install("opencode");
    const { code, stderr } = await world.run(
      "run",
      "scripted: model",
      "--model",
      "scripted-small",
      "--name",
      "small",
    );
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("added the model scripted-small"),
    });
    await world.settled("small");
    expect(await world.said("small")).toContain("model scripted-small");
    expect(await world.ok("config", "get", "models.scripted-small.backend")).toBe("opencode\n");
    await world.ok("daemon", "restart");
    await world.ok("models", "add", "scripted-large");
    expect(await world.ok("config", "get", "models.scripted-large.backend")).toBe("opencode\n");
    const unknown = await world.run("models", "add", "scripted-huge");
    expect(unknown.code).toBe(3);
    expect(unknown.stderr).toContain("no agent here offers scripted-huge");
  });

  test("serves in a prompt after `use`, once setup has the lists", async () => {
    await using world = new FakeProductWorld();
    world.install("opencode");
    await world.ok("setup");
    const slug = await world.dispatch("use scripted-small to do it\nscripted: model");
    const { task } = await world.settled(slug);
    expect(task.model).toMatchObject({ name: "scripted-small", agent: "opencode", because: "prompt" });
  });
});

/** Runs a command on a terminal of its own: each answer is typed once what it answers is seen. */
async function onTerminal(
  world: FakeProductWorld,
  args: string[],
  answers: [seen: string, typed: string][],
): Promise<string> {
  let seen = "";
  const child = Bun.spawn([...world.self, ...args], {
    cwd: world.repo,
    env: world.environment,
    terminal: {
      data(terminal, bytes) {
        seen += new TextDecoder().decode(bytes);
        const [next] = answers;
        if (next === undefined || !seen.includes(next[0])) return;
        answers.shift();
        terminal.write(next[1]);
      },
    },
  });
  expect(await child.exited).toBe(0);
  child.terminal?.close();
  return seen;
}
