import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Permissions } from "../protocol/permission.ts";
import type { AcpRow } from "./agent-row.ts";
import { agentRow } from "./catalog.ts";
import { agentCommand, type LaunchOptions } from "./launch.ts";

let root: string;
let options: LaunchOptions;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dispatch-launch-"));
  const environment = { HOME: root, PATH: join(root, "bin") };
  const home = join(root, "dispatch");
  options = {
    home,
    self: process.execPath,
    environment,
    permissions: "ask",
    thinking: null,
    configured: null,
  };
});
afterEach(() => rm(root, { recursive: true }));

async function install(...names: string[]): Promise<void> {
  for (const name of names) {
    await Bun.write(join(root, "bin", name), "#!/bin/sh\n");
    await chmod(join(root, "bin", name), 0o755);
  }
}

function row(agent: string): AcpRow {
  const found = agentRow(agent);
  if (found?.protocol !== "acp") throw new Error(`${agent} is no ACP agent`);
  return found;
}

function refusal(agent: string): Promise<unknown> {
  return agentCommand(row(agent), options).catch((error: unknown) => error);
}

test("a product that speaks ACP itself is told the preset by its own means", async () => {
  await install("gemini", "opencode");
  const gemini = await agentCommand(row("gemini"), options);
  expect(gemini.command.slice(0, 2)).toEqual([join(root, "bin", "gemini"), "--acp"]);
  expect(await Bun.file(gemini.command.at(-1) ?? "").text()).toContain("ask_user");
  const opencode = await agentCommand(row("opencode"), { ...options, permissions: "all" });
  expect(opencode.environment["OPENCODE_PERMISSION"]).toBe('{"*":"allow"}');
});

test("an adapter is told where the user's own program is", async () => {
  await install("codex", "codex-acp");
  for (const permissions of Permissions.options) {
    const { command, environment } = await agentCommand(row("codex"), { ...options, permissions });
    expect(command).toEqual([join(root, "bin", "codex-acp")]);
    expect(environment["CODEX_PATH"]).toBe(join(root, "bin", "codex"));
    expect(environment["INITIAL_AGENT_MODE"] === "agent-full-access").toBe(permissions === "all");
  }
});

test("a level of thinking that is told by a variable is set for its run only", async () => {
  await install("claude", "claude-agent-acp");
  const loud = await agentCommand(row("claude"), { ...options, thinking: "off" });
  expect(loud.environment["CLAUDE_CODE_DISABLE_THINKING"]).toBe("1");
  const usual = await agentCommand(row("claude"), { ...options, thinking: "high" });
  expect(usual.environment).not.toHaveProperty("CLAUDE_CODE_DISABLE_THINKING");
});

test("a product that is missing is refused with the way to get it", async () => {
  expect(await refusal("claude")).toMatchObject({
    code: "unavailable",
    hint: expect.stringContaining("install"),
  });
});

test("any other agent is started by the command of the config", async () => {
  const configured = ["my-agent", "--acp"];
  expect(await agentCommand(row("acp"), { ...options, configured })).toEqual({
    command: configured,
    environment: {},
  });
  expect(await refusal("acp")).toMatchObject({ code: "invalid" });
});
