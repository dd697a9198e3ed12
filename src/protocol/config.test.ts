import { describe, expect, test } from "bun:test";
import { Config, DEFAULT_CONCURRENT_WORKERS, DEFAULT_WEB_PORT } from "./config.ts";

describe("config.yaml", () => {
  test("an empty one has all defaults", () => {
    const config = Config.parse(null);
    expect(config).toEqual(Config.parse({}));
    expect(config).toMatchObject({
      confirm_default: true,
      permissions: { tasks: "all", terminals: "ask" },
      limits: { concurrent: DEFAULT_CONCURRENT_WORKERS, question_wait: "3m" },
      approval_ui: "local",
      web: { port: DEFAULT_WEB_PORT },
    });
  });

  test("short and empty forms are read, unknown keys and the order of names are kept", () => {
    const config = Config.parse({
      default: "opus",
      theme: "dark",
      backends: { claude: "claude -p", codex: { command: "codex exec", nice: 5 }, gemini: null },
      models: { sonnet: null, opus: { backend: "claude", tier: 1 } },
      aliases: null,
      agents: { harvey: { command: "harvey -p" } },
      workspaces: { api: null, web: { model: "sonnet", worktree: true } },
      permissions: "ask",
      limits: { timeout: "1h30m" },
    });
    expect(config).toMatchObject({
      theme: "dark",
      backends: { claude: { command: "claude -p" }, codex: { nice: 5 }, gemini: {} },
      models: { opus: { backend: "claude", tier: 1 } },
      aliases: {},
      agents: { harvey: { command: "harvey -p" } },
      workspaces: { api: {}, web: { worktree: true } },
      permissions: { tasks: "ask", terminals: "ask" },
      limits: { timeout: "1h30m", stall: "10m" },
    });
    expect(Object.keys(config.models)).toEqual(["sonnet", "opus"]);
  });

  test.each([
    [{ models: ["opus"] }],
    [{ aliases: { a: {} } }],
    [{ limits: { timeout: "soon" } }],
    [{ limits: { timeout: "" } }],
    [{ limits: { idle: "0s" } }],
    [{ limits: { stall: "25d" } }],
    [{ limits: { question_wait: "577h" } }],
    [{ limits: { concurrent: 0 } }],
    [{ permissions: "everything" }],
    [{ web: { port: 70_000 } }],
    ["text"],
  ])("%j is refused", (value) => {
    expect(Config.safeParse(value).success).toBe(false);
  });
});
