import { chmodSync, existsSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import type { Finding } from "../../src/protocol/finding.ts";
import { FakeProductWorld } from "./fake-products.ts";

async function examined(
  world: FakeProductWorld,
): Promise<{ code: number; find: (about: string) => Finding[] }> {
  const { code, stdout } = await world.run("doctor", "--json");
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { code, find: (about) => findings.filter((each) => each.about === about) };
}

describe("doctor", () => {
  test("finds nothing wrong where all is well", async () => {
    await using world = new FakeProductWorld();
    world.install("opencode");
    await world.ok("setup");
    const { code, find } = await examined(world);
    expect(code).toBe(0);
    for (const about of ["dispatch", "home", "disk", "git", "config", "opencode"])
      expect(find(about).filter(({ state }) => state !== "good")).toEqual([]);
    expect(find("claude")).toMatchObject([
      { state: "note", hint: "npm install -g @anthropic-ai/claude-code" },
    ]);
    expect(await world.ok("doctor")).toMatch(/^ok {3}config: .*default model opencode$/m);
  });

  test("says how to get an agent where there is none, which is no fault", async () => {
    await using world = new FakeProductWorld();
    const { code, find } = await examined(world);
    expect(code).toBe(0);
    expect(find("agents")).toMatchObject([
      { state: "note", hint: "npm install -g @anthropic-ai/claude-code" },
    ]);
    expect(find("config")).toMatchObject([{ state: "note" }]);
  });

  test("names what each agent lacks, and the default that would work", async () => {
    await using world = new FakeProductWorld(
      "default: opus\nmodels:\n  opus: {backend: claude}\n  mine: {backend: opencode}\n",
    );
    world.install("claude", { login: false });
    world.install("opencode");
    world.script("codex", "exit 1");
    const { code, find } = await examined(world);
    expect(code).toBe(1);
    expect(find("config")).toMatchObject([{ state: "bad", hint: "dispatch models default mine" }]);
    expect(find("claude")).toMatchObject([
      { state: "note", text: "Claude Code is not logged in", hint: "claude auth login" },
    ]);
    expect(find("codex")[0]?.text).toContain("does not start");
    await world.ok("models", "default", "mine");
    expect((await examined(world)).code).toBe(0);
  });

  test("says that an adapter can be had neither here nor from the registry", async () => {
    await using world = new FakeProductWorld();
    world.install("claude");
    world.uninstall("claude-agent-acp");
    world.environment["npm_config_registry"] = "http://127.0.0.1:9/";
    const { code, find } = await examined(world);
    expect(code).toBe(1);
    expect(find("claude")).toMatchObject([
      { state: "bad", text: expect.stringContaining("claude-agent-acp is not here") },
    ]);
  });

  test("answers within three seconds more though a product never does", async () => {
    await using world = new FakeProductWorld();
    await world.ok("daemon", "start");
    world.install("opencode");
    const timed = async () => {
      const begun = performance.now();
      return { ...(await examined(world)), ms: performance.now() - begun };
    };
    const usual = await timed();
    world.install("gemini", { hangs: true });
    const { find, ms } = await timed();
    expect(ms - usual.ms).toBeLessThan(3_000);
    expect(find("gemini")[0]).toMatchObject({
      state: "note",
      text: expect.stringContaining("did not say its version"),
    });
    expect(find("opencode")[0]?.state).toBe("good");
  });

  test("asks no command of the configuration for a version, and says which is not there", async () => {
    await using world = new FakeProductWorld(
      "backends:\n  mine: {command: harvey --acp, protocol: acp}\n  other: {command: harvey -p}\n  gone: {command: nobody}\n",
    );
    world.script("harvey", 'touch "$HOME/asked"');
    const { find } = await examined(world);
    for (const about of ["mine", "other"])
      expect(find(about)).toMatchObject([{ state: "good", text: expect.stringContaining("/bin/harvey") }]);
    expect(find("gone")).toMatchObject([{ state: "note", text: "there is no program nobody" }]);
    expect(existsSync(`${world.environment["HOME"]!}/asked`)).toBe(false);
  });

  test("names the place of a fault in the configuration, a port that is taken, and the old form", async () => {
    await using world = new FakeProductWorld();
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    world.config(`web: {port: ${taken.port}}\nagents:\n  harvey: {command: harvey -p}\n`);
    const before = await examined(world);
    expect(before.find("daemon")[1]?.text).toContain(`port ${taken.port} is taken`);
    expect(before.find("config")).toContainEqual(
      expect.objectContaining({ hint: "dispatch config migrate" }),
    );
    world.config("limits:\n  concurrent: many\n");
    const { code, find } = await examined(world);
    expect(code).toBe(1);
    expect(find("config")).toMatchObject([
      { state: "bad", text: expect.stringContaining("config.yaml:2:15: ") },
    ]);
  });

  test("sees that others can enter the home, and that git is too old or missing", async () => {
    await using world = new FakeProductWorld();
    await world.ok("daemon", "start");
    chmodSync(world.home, 0o755);
    world.script("git", "echo git version 2.30.1");
    const old = await examined(world);
    expect(old.code).toBe(1);
    expect(old.find("home")).toMatchObject([{ state: "bad", hint: `chmod 700 ${world.home}` }]);
    expect(old.find("git")).toMatchObject([{ state: "bad", text: "2.30 is too old to try merges" }]);
    world.environment["PATH"] = world.bin;
    world.uninstall("git");
    expect((await examined(world)).find("git")[0]?.text).toContain("not installed");
  });
});
