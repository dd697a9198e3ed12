import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentSetting, SETTINGS, type SettingName } from "./agent-setting.ts";
import { makeMachine, SELF } from "./program.fixture.ts";

const machine = makeMachine();
afterAll(() => machine.close());
const HOME = "/home/ada";

interface Server {
  command: string;
  args: string[];
  env?: Record<string, string>;
}

/** What an agent reads from its configuration. */
function serverIn(agent: SettingName, text: string): Server {
  switch (agent) {
    case "claude":
    case "cursor":
    case "gemini":
      return (JSON.parse(text) as { mcpServers: { dispatch: Server } }).mcpServers.dispatch;
    case "codex":
      return (Bun.TOML.parse(text) as { mcp_servers: { dispatch: Server } }).mcp_servers.dispatch;
    case "opencode": {
      const { mcp } = JSON.parse(text) as {
        mcp: { dispatch: { command: string[]; environment?: Record<string, string> } };
      };
      const [command = "", ...args] = mcp.dispatch.command;
      return { command, args, ...(mcp.dispatch.environment ? { env: mcp.dispatch.environment } : {}) };
    }
  }
}

test.each(Object.keys(SETTINGS) as SettingName[])("%s is told in its own words", (agent) => {
  const self = ["/opt/a b/bun", "--flag", 'main".ts'];
  const settled = { home: `${HOME}/.dispatch`, self, environment: { HOME, PATH: "" } };
  expect(serverIn(agent, agentSetting(agent, settled).text)).toEqual({
    command: "/opt/a b/bun",
    args: ["--flag", 'main".ts', "mcp"],
  });
  const elsewhere = agentSetting(agent, { ...settled, home: '/srv/"d"' });
  expect(serverIn(agent, elsewhere.text).env).toEqual({ DISPATCH_HOME: '/srv/"d"' });
});

test("a program that is on the PATH is named as such", () => {
  const bin = join(machine.folder, "bin");
  const program = join(machine.folder, "dispatch-0.1");
  mkdirSync(bin);
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  symlinkSync(program, join(bin, "dispatch"));
  const options = { home: `${HOME}/.dispatch`, self: [program], environment: { HOME, PATH: bin } };
  expect(serverIn("claude", agentSetting("claude", options).text)).toEqual({
    command: "dispatch",
    args: ["mcp"],
  });
});

test("plugin show prints the setting alone, and says where it goes", async () => {
  const { code, stdout, stderr } = await machine.run(["plugin", "show", "codex"]);
  expect(code).toBe(0);
  expect(serverIn("codex", stdout)).toEqual({
    command: SELF[0]!,
    args: [...SELF.slice(1), "mcp"],
    env: { DISPATCH_HOME: machine.home },
  });
  expect(stderr).toBe(
    "dispatch: hint: add it to ~/.codex/config.toml, or run dispatch plugin install codex\n",
  );
  expect((await machine.run(["plugin", "show", "emacs"])).code).toBe(2);
});
