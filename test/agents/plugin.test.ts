import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { World } from "../e2e/world.ts";
import { ClaudeSession } from "./claude-session.ts";
import { marker, type Script } from "./model/script.ts";
import { startModelServer } from "./model/server.ts";
import { HOMES_PARENT, prepareHome } from "./products.ts";
import { runProduct } from "./run-product.ts";

const ROOT = dirname(dirname(import.meta.dir));
const PLUGIN = join(ROOT, "plugins", "claude-code");
const SERVER = "plugin:dispatch:dispatch";
const ALLOWED = ["mcp__plugin_dispatch_dispatch", "Bash(dispatch:*)"];

function tool(
  name: string,
  input: Record<string, unknown>,
): { do: "mcp"; tool: string; input: typeof input } {
  return { do: "mcp", tool: name, input };
}

const PAINT =
  "scripted: tick 1\nscripted: ask Which colour?|red|blue\nscripted: tick 2\nscripted: finish it is painted";
const WRITE =
  "scripted: edit notes.txt written\nscripted: tick 1\nscripted: finish notes are written|notes.txt";

/** What a model does that follows the skill. */
const ORCHESTRATE: Script = [
  {
    calls: [
      tool("dispatch_task", {
        prompt: PAINT,
        plan: ["choose a colour", "paint it"],
        name: "paint",
        model: "large",
      }),
    ],
  },
  {
    calls: [
      tool("dispatch_task", {
        prompt: WRITE,
        plan: ["write notes.txt"],
        name: "notes",
        model: "small",
        worktree: true,
      }),
    ],
  },
  { calls: [{ do: "shell", command: "dispatch wait paint --json", background: true }] },
  { text: "Dispatched two." },
  // Woken by the end of the command.
  { calls: [tool("dispatch_status", { task: "paint" })] },
  { text: "paint asks: Which colour?" },
  { calls: [tool("dispatch_answer", { task: "paint", text: "blue" })] },
  { calls: [{ do: "shell", command: "dispatch wait paint --json", background: true }] },
  { text: "Answered." },
  { calls: [{ do: "shell", command: "dispatch wait notes --json", background: true }] },
  { text: "paint is done." },
  { calls: [tool("dispatch_result", { task: "notes" })] },
  { calls: [tool("dispatch_status", {})] },
  { text: "Both are done." },
];

/** Somebody who uses Claude Code with the plugin, and whose tasks run on the scripted agent. */
class PluginWorld extends World {
  static async open(modelUrl: string): Promise<PluginWorld> {
    const world = new PluginWorld({
      parent: HOMES_PARENT,
      also: "models:\n  large: {backend: scripted, id: scripted-large}\n  small: {backend: scripted, id: scripted-small}\n",
    });
    const bin = join(world.root, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "dispatch"),
      `#!/bin/sh\nexec ${world.self.map((word) => `'${word}'`).join(" ")} "$@"\n`,
    );
    chmodSync(join(bin, "dispatch"), 0o755);
    const settled = await prepareHome("claude", { home: join(world.root, "user"), modelUrl });
    Object.assign(world.environment, settled, {
      PATH: [bin, settled["PATH"]].join(delimiter),
      ENABLE_TOOL_SEARCH: "false", // the scripted model calls only what it is offered
    });
    for (const args of [
      ["marketplace", "add", ROOT],
      ["install", "dispatch@dispatch"],
    ])
      expect(await runProduct(world, "claude", "plugin", ...args)).toMatchObject({ code: 0 });
    return world;
  }

  session(): ClaudeSession {
    return new ClaudeSession(this, ALLOWED);
  }
}

const model = startModelServer({ orchestrate: ORCHESTRATE });
afterAll(() => model.close());

describe("the plugin for Claude Code", () => {
  test("is valid, and so is its marketplace", async () => {
    await using world = await PluginWorld.open(model.url);
    for (const path of [ROOT, PLUGIN]) {
      const { code, text } = await runProduct(world, "claude", "plugin", "validate", path);
      expect(text).toContain("Validation passed");
      expect(code).toBe(0);
    }
    expect((await runProduct(world, "claude", "mcp", "list")).text).toContain(
      `${SERVER}: dispatch mcp - ✔ Connected`,
    );
  });

  test.each(["/dispatch", "/dispatch:dispatch"])("%s alone brings the skill and the tools", async (words) => {
    await using world = await PluginWorld.open(model.url);
    await using session = world.session();
    await session.say(words);
    const { tools } = await session.begins();
    expect(tools).toContain("mcp__plugin_dispatch_dispatch__dispatch_task");
    await session.ends();
    const { said } = model.seen.at(-1)!;
    expect(said).toContain(PLUGIN);
    expect(said).toContain("Nothing was asked");
  });

  test("two tasks are dispatched, a question is told and answered, results come back", async () => {
    await using world = await PluginWorld.open(model.url);
    await using session = world.session();
    await session.say(`/dispatch paint it, and have small write notes ${marker("orchestrate")}`);
    expect(await session.ends()).toBe("Dispatched two.");
    expect(await session.ends()).toBe("paint asks: Which colour?"); // nobody said anything: it was woken
    await session.say("blue");
    expect(await session.ends()).toBe("Answered.");
    expect(await session.ends()).toBe("paint is done.");
    expect(await session.ends()).toBe("Both are done.");
    const results = model.seen.filter(({ script }) => script === "orchestrate").map(({ result }) => result);
    const says = (...words: string[]) =>
      results.some((result) => words.every((word) => result.includes(word)));
    expect(says('"task":"notes"', '"model":"small"', '"worktree":true')).toBe(true);
    expect(says('"input-required"', "Which colour?", '"red","blue"')).toBe(true);
    expect(says("notes are written", "notes.txt")).toBe(true);
    expect(says('"tasks":[]', '"waits":[]')).toBe(true);
    const { task, questions } = await world.task("paint");
    expect(task.status).toMatchObject({ state: "completed", result: { summary: "it is painted" } });
    expect(questions).toMatchObject([{ status: { state: "answered", text: "blue" } }]);
    expect((await world.task("notes")).task.model.name).toBe("small");
    expect(world.git("status", "--porcelain")).toBe("");
  });

  test("leaves a worker without tools", async () => {
    await using world = await PluginWorld.open(model.url);
    world.environment["DISPATCH_RUN"] = "ses_x:1";
    await using session = world.session();
    await session.say("Hello.");
    const { tools } = await session.begins();
    expect(tools).toContain("Bash");
    expect(JSON.stringify(tools)).not.toContain("dispatch_");
    await session.ends();
  });
});

/** Where the settings that `dispatch plugin show` prints belong, and how each product lists its servers. */
const PRODUCT_SETTINGS = [
  ["codex", ".codex/config.toml", /^dispatch .* enabled /m],
  ["gemini", ".gemini/settings.json", /✓ dispatch: .* Connected/],
  ["opencode", ".config/opencode/opencode.json", /✓ dispatch .*connected/],
] as const;

test.each(PRODUCT_SETTINGS)("%s takes the setting that is printed for it", async (product, file, listed) => {
  await using world = new World({ parent: HOMES_PARENT });
  const home = join(world.root, "user");
  Object.assign(world.environment, await prepareHome(product, { home, modelUrl: model.url }));
  world.environment["GEMINI_CLI_TRUST_WORKSPACE"] = "true";
  await Bun.write(join(home, file), await world.ok("plugin", "show", product));
  expect((await runProduct(world, product, "mcp", "list")).text).toMatch(listed);
});
