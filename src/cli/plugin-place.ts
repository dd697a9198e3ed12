import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Flags } from "./command.ts";
import { usageError } from "./parse.ts";
import { isPluginAgent, PLUGIN_AGENTS, type PluginAgent, type Scope } from "./plugin-host.ts";

const SCOPES = ["user", "project"] as const satisfies Scope[];

export const PLUGIN_FLAGS = {
  scope: {
    value: "SCOPE",
    choices: SCOPES,
    help: "for all your projects (user, the default), or for this one",
  },
} as const satisfies Flags;

/** What the words of a command mean. */
export function pluginWords(
  command: string,
  agent: string,
  scope: string = "user",
): { agent: PluginAgent; scope: Scope } {
  if (isPluginAgent(agent)) return { agent, scope: scope as Scope };
  throw usageError(
    `no plugin for ${agent}; there are some for ${PLUGIN_AGENTS.join(", ")}`,
    `dispatch plugin ${command} --help`,
  );
}

/** Where the plugin of an agent stands, as a marketplace of its own. */
export function pluginRoot(home: string, agent: PluginAgent): string {
  return join(home, "plugins", agent);
}

const PROGRAM = "#!";

/** Makes the folder hold these files and no others. */
export function writePlugin(root: string, files: Readonly<Record<string, string>>): void {
  removePlugin(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(root, path), text, { mode: text.startsWith(PROGRAM) ? 0o755 : 0o644 });
  }
}

export function removePlugin(root: string): void {
  rmSync(root, { recursive: true, force: true });
}
