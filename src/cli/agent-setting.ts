import { realpathSync } from "node:fs";
import { defaultHome } from "../base/home.ts";
import type { LocalOptions } from "../client/local.ts";

/** How this program is started by another one. */
export interface Start {
  command: string;
  args: string[];
  env?: Record<string, string>;
}

/** An agent that can be given an MCP server: how its configuration says it, and where it goes. */
interface Setting {
  hint: string;
  text(start: Start): string;
}

export const SETTINGS = {
  claude: {
    hint: "put it into .mcp.json of a project, or run dispatch plugin install claude",
    text: servers,
  },
  codex: { hint: "add it to ~/.codex/config.toml, or run dispatch plugin install codex", text: codex },
  cursor: { hint: "put it into ~/.cursor/mcp.json", text: servers },
  gemini: { hint: "put it into ~/.gemini/settings.json", text: servers },
  opencode: { hint: "put it into ~/.config/opencode/opencode.json", text: opencode },
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

export function hasSetting(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** What makes `dispatch mcp` a server of an agent, in the words of that agent's own configuration. */
export function agentSetting(
  agent: SettingName,
  local: Pick<LocalOptions, "home" | "self" | "environment">,
): { agent: SettingName; hint: string; text: string } {
  const { hint, text } = SETTINGS[agent];
  const start = startOf(local);
  return { agent, hint, text: text({ ...start, args: [...start.args, "mcp"] }) };
}

/** By its name where that finds it, else by its path; with its home where that is not the usual one. */
export function startOf({
  home,
  self,
  environment,
}: Pick<LocalOptions, "home" | "self" | "environment">): Start {
  const [command = "", ...args] = onPath(self, environment) ? ["dispatch"] : self;
  const isUsual = home === defaultHome({ HOME: environment["HOME"] });
  return { command, args, ...(isUsual ? {} : { env: { DISPATCH_HOME: home } }) };
}

/** True where `dispatch` alone starts this very program. */
function onPath(self: readonly string[], { PATH }: Record<string, string | undefined>): boolean {
  const found = Bun.which("dispatch", { PATH: PATH ?? "" });
  return self.length === 1 && found !== null && realpathSync(found) === realpathSync(self[0]!);
}

function servers(start: Start): string {
  return JSON.stringify({ mcpServers: { dispatch: start } }, null, 2);
}

function codex({ command, args, env = {} }: Start): string {
  const lines = [
    "[mcp_servers.dispatch]",
    `command = ${JSON.stringify(command)}`,
    `args = ${JSON.stringify(args)}`,
  ];
  const variables = Object.entries(env).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return [...lines, ...(variables.length > 0 ? [`env = { ${variables.join(", ")} }`] : [])].join("\n");
}

function opencode({ command, args, env }: Start): string {
  const server = { type: "local", command: [command, ...args], ...(env ? { environment: env } : {}) };
  return JSON.stringify({ mcp: { dispatch: { ...server, enabled: true } } }, null, 2);
}
