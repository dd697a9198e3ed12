import type { ServerSetting } from "../agent-row.ts";
import type { DriverInput } from "../driver.ts";
import { WORKER_SERVER } from "../worker-server.ts";

interface Told {
  readonly arguments: string[];
  readonly environment: Record<string, string>;
}

const NOTHING: Told = { arguments: [], environment: {} };

/** How a command is told of our MCP server for this run, by its arguments or its environment. */
export function serverSetting(way: ServerSetting | null, server: DriverInput["workerTools"]): Told {
  if (way === null || server === null) return NOTHING;
  const [command, ...args] = server.command;
  switch (way.by) {
    case "json": {
      const servers = { mcpServers: { [WORKER_SERVER]: { command, args, env: server.environment } } };
      return { ...NOTHING, arguments: [way.option, JSON.stringify(servers)] };
    }
    case "toml": {
      const keys = { command, args, env: server.environment, default_tools_approval_mode: "approve" };
      const lines = Object.entries(keys).map(
        ([key, value]) => `mcp_servers.${WORKER_SERVER}.${key}=${toml(value)}`,
      );
      return { ...NOTHING, arguments: lines.flatMap((line) => [way.option, line]) };
    }
    case "variable": {
      const own = { type: "local", command: server.command, environment: server.environment, enabled: true };
      const config = JSON.stringify({ mcp: { [WORKER_SERVER]: own } });
      return { ...NOTHING, environment: { [way.variable]: config } };
    }
  }
}

/** A value of TOML; its basic strings are JSON's (https://toml.io/en/v1.0.0#string), its tables are not. */
function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)} = ${toml(each)}`)
    .join(", ")}}`;
}
