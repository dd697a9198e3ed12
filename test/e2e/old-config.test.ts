import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { World } from "./world.ts";

const OLD = `# my agents
default: harvey # the strict one
agents:
  # reviews
  harvey:
    command: harvey -p # quick
    nice: 5
  claude: claude -p --model opus
theme: dark
`;

function files(world: World): string[] {
  return readdirSync(world.home)
    .filter((name) => name.startsWith("config.yaml"))
    .sort();
}

function text(world: World, name = "config.yaml"): string {
  return readFileSync(join(world.home, name), "utf8");
}

test("the old form is rewritten once: comments and unknown keys move along, and a copy stays", async () => {
  await using world = new World();
  world.config(OLD);
  expect(await world.ok("config")).toContain("dispatch config migrate");
  expect(await world.ok("config", "migrate")).toContain("agents.harvey is backends.harvey now");
  expect(text(world)).toBe(`# my agents
default: harvey # the strict one
backends:
  # reviews
  harvey:
    command: harvey -p # quick
    nice: 5
  claude: claude -p --model opus
theme: dark
models:
  harvey:
    backend: harvey
  claude:
    backend: claude
`);
  expect(text(world, "config.yaml.before-migrate")).toBe(OLD);
  const rewritten = text(world);
  expect(await world.ok("config", "migrate")).toContain("has the present form");
  expect(text(world)).toBe(rewritten);
  expect(files(world)).toEqual(["config.yaml", "config.yaml.before-migrate"]);
});

test("what the present form has already stays, and an earlier copy too", async () => {
  await using world = new World();
  const mixed = `backends:\n  harvey: {command: new} # stays\nmodels:\n${OLD}`;
  world.config(mixed);
  const said = await world.ok("config", "migrate");
  expect(said).toContain("agents.harvey is gone: backends.harvey had its place already");
  const value = Bun.YAML.parse(text(world));
  expect(value).toEqual({
    default: "harvey",
    backends: { harvey: { command: "new" }, claude: "claude -p --model opus" },
    models: { claude: { backend: "claude" } },
    theme: "dark",
  });
  expect(text(world)).toContain("# stays");
  world.config(OLD);
  await world.ok("config", "migrate");
  expect(text(world, "config.yaml.before-migrate")).toBe(mixed);
  expect(text(world, "config.yaml.before-migrate-2")).toBe(OLD);
});

test("a fault is told and nothing is written", async () => {
  await using world = new World();
  world.config(`${OLD}web: {port: many}\n`);
  expect((await world.run("config", "migrate")).code).toBe(2);
  expect(files(world)).toEqual(["config.yaml"]);
});

test("config shows what is set, by keys that get and set take", async () => {
  await using world = new World({ settings: 'models:\n  "opus-4.5": {backend: claude}\n' });
  const lines = await world.ok("config");
  expect(lines.split("\n")[0]).toBe(join(world.home, "config.yaml"));
  expect(lines).toContain('models."opus-4.5".backend  claude');
  await world.ok("config", "set", 'models."opus-4.5".id', "opus");
  expect(await world.ok("config", "get", 'models."opus-4.5".id')).toBe("opus\n");
  expect((await world.run("config", "get", "models.opus-4.5.id")).code).toBe(3);
});

test("aliases are added, used, listed and removed", async () => {
  await using world = new World({ also: "models:\n  small: {backend: scripted, id: scripted-small}\n" });
  await world.ok("aliases", "add", "critic", "--model", "small", "--prompt", "You change nothing.");
  expect(await world.ok("aliases")).toMatch(/^critic +scripted-small +You change nothing\.$/m);
  const slug = await world.dispatch("scripted: model", "--model", "critic");
  expect((await world.settled(slug)).task.model).toMatchObject({ name: "critic", id: "scripted-small" });
  expect((await world.told(slug))[0]).toContain("You change nothing.");
  expect((await world.run("aliases", "add", "odd", "--model", "nonesuch")).code).toBe(3);
  expect((await world.run("aliases", "rm", "small")).code).toBe(3);
  await world.ok("aliases", "rm", "critic");
  expect(await world.json("aliases")).toEqual({ aliases: [] });
});
