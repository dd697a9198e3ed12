import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { World } from "../../test/e2e/world.ts";
import { COMMANDS } from "./commands.ts";
import { PLUGIN_FILES } from "./plugin-files.ts";
import { makeMachine } from "./program.fixture.ts";

const ROOT = dirname(dirname(import.meta.dir));
const FOLDERS = { claude: "plugins/claude-code", codex: "plugins/codex" };
const NAMED = { command: "dispatch", args: [] };

const machine = makeMachine();
afterAll(() => machine.close());

describe.each(Object.keys(FOLDERS) as (keyof typeof FOLDERS)[])("the plugin for %s", (agent) => {
  test("carries every file of the checkout, as it is", () => {
    const files = PLUGIN_FILES[agent](NAMED);
    const paths = [...new Bun.Glob(`${FOLDERS[agent]}/**`).scanSync({ cwd: ROOT, dot: true })];
    expect(
      Object.keys(files)
        .filter((path) => path.startsWith("plugins/"))
        .toSorted(),
    ).toEqual(paths.toSorted());
    for (const [path, text] of Object.entries(files)) {
      const checkout = readFileSync(join(ROOT, path), "utf8");
      if (path.endsWith(".json")) expect(JSON.parse(text)).toEqual(JSON.parse(checkout));
      else expect(text).toBe(checkout);
    }
  });

  test("starts a program that is not on the PATH, with its home", () => {
    const start = { command: "/opt/it's here/bun", args: ["main.ts"], env: { DISPATCH_HOME: "/srv/a b" } };
    const files = PLUGIN_FILES[agent](start);
    expect(JSON.parse(files[`${FOLDERS[agent]}/.mcp.json`]!)).toEqual({
      mcpServers: { dispatch: { ...start, args: ["main.ts", "mcp"] } },
    });
    const hooks = files[`${FOLDERS[agent]}/hooks/hooks.json`];
    if (agent === "claude")
      expect(hooks).toContain(
        JSON.stringify(String.raw`DISPATCH_HOME='/srv/a b' '/opt/it'\''s here/bun' main.ts hook wake`),
      );
  });

  test("names only commands that there are", () => {
    const texts = Object.values(PLUGIN_FILES[agent](NAMED)).join("\n");
    const named = [...texts.matchAll(/`dispatch ([a-z][a-z -]*?)(?: [A-Z"<$-].*?| …)?`/g)].map(
      ([, words]) => words!,
    );
    expect(named.length).toBeGreaterThan(3);
    const known = named.filter((words) => {
      const [first = "", second = ""] = words.split(" ");
      return Object.hasOwn(COMMANDS, `${first} ${second}`) || Object.hasOwn(COMMANDS, first);
    });
    expect(known).toEqual(named);
  });
});

test("what the skills write on a command line is there to be written", async () => {
  const texts = Object.entries(PLUGIN_FILES.claude(NAMED)).flatMap(([path, text]) =>
    path.endsWith(".md") ? text : [],
  );
  const lines = [...texts.join("\n").matchAll(/`dispatch ([^`\n]+)`/g)].map(([, line]) => line!.split(" "));
  const wrong: string[] = [];
  for (const [first = "", second = "", ...rest] of lines) {
    const both = COMMANDS[`${first} ${second}`];
    const { flags } = await (both ?? COMMANDS[first])!.load();
    const known = new Set([...Object.keys(flags), "json", "help"]);
    for (const word of [second, ...rest])
      if (word.startsWith("--") && !known.has(word.slice(2))) wrong.push(`${first} ${word}`);
  }
  expect(wrong).toEqual([]);
});

test("Codex has every skill of Claude Code, without a place for what was asked", () => {
  const skillsOf = (agent: keyof typeof FOLDERS) =>
    Object.keys(PLUGIN_FILES[agent](NAMED)).flatMap(
      (path) => /\/skills\/([a-z-]+)\/SKILL\.md$/.exec(path)?.[1] ?? [],
    );
  expect(skillsOf("codex").toSorted()).toEqual(skillsOf("claude").toSorted());
  const texts = Object.values(PLUGIN_FILES.codex(NAMED)).join("\n");
  expect(texts).not.toMatch(/\$ARGUMENTS|argument-hint/);
});

test("a skill's folder works copied alone", async () => {
  await using world = new World();
  const folder = join(world.root, "dispatch-session");
  cpSync(join(ROOT, FOLDERS.claude, "skills/dispatch-session"), folder, { recursive: true });
  const bin = join(world.root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "dispatch"), `#!/bin/sh\nexec ${world.self.join(" ")} "$@"\n`);
  chmodSync(join(bin, "dispatch"), 0o755);
  const open = (...args: string[]) =>
    Bun.spawnSync([process.execPath, join(folder, "dispatch.mjs"), ...args], {
      cwd: world.repo,
      env: { ...world.environment, PATH: `${bin}:${world.environment["PATH"]}` },
    });
  const opened = open("--workspace", ".", "--name", "api", "--prompt", "scripted: say hello there");
  expect(opened.exitCode).toBe(0);
  expect(JSON.parse(opened.stdout.toString())).toMatchObject({
    prompted: true,
    model: "scripted",
    promptChars: 25,
  });
  expect(open("--workspace", ".").exitCode).toBe(2);
});

test("without the agent nothing is written", async () => {
  for (const agent of ["claude", "codex"]) {
    const { code, stderr } = await machine.run(["plugin", "install", agent]);
    expect(stderr).toBe(`dispatch: error: ${agent} is not on the PATH\ndispatch: hint: dispatch agents\n`);
    expect(code).toBe(3);
  }
  expect((await machine.run(["plugin", "install", "emacs"])).code).toBe(2);
  expect(existsSync(join(machine.home, "plugins"))).toBe(false);
});
