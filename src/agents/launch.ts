import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DispatchError } from "../base/error.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Thinking } from "../protocol/thinking.ts";
import { ensureAdapter, type AdapterOptions, type AgentCommand } from "./adapters.ts";
import type { AcpRow, ExecRow, Gate, TerminalRow } from "./agent-row.ts";
import { findProgram } from "./find.ts";
import { folderVariables, folderWords } from "./folder-words.ts";

export interface LaunchOptions extends AdapterOptions {
  permissions: Permissions;
  thinking: Thinking | null;
  /** Further folders that it may work in. */
  folders?: readonly string[];
  /** The command that the config gives an agent that the catalog has none for. */
  configured: readonly string[] | null;
}

/**
 * The command that speaks ACP for this product, and the variables that it needs over the caller's own. What a product
 * takes in its open session instead (`gates[…].meta`, most of `thinking`) is the driver's to send.
 * @throws DispatchError `unavailable` when the product or its adapter is not there and cannot be fetched, `invalid` when
 * the config gives no command
 */
export async function agentCommand(row: AcpRow, options: LaunchOptions): Promise<AgentCommand> {
  const gate = row.gates[options.permissions];
  const { command, environment } = await baseCommand(row, options);
  const folders = options.folders ?? [];
  const file = gate.file === undefined ? [] : [gate.file.option, await keep(gate.file, options.home)];
  return {
    command: [...command, ...(gate.arguments ?? []), ...file, ...folderWords(row.folders, folders)],
    environment: {
      ...row.environment,
      ...environment,
      ...gate.environment,
      ...folderVariables(row.folders, folders, gate.environment ?? {}),
      ...thinkingVariables(row, options.thinking),
    },
  };
}

function thinkingVariables(row: AcpRow, level: Thinking | null): Readonly<Record<string, string>> {
  const way = level === null ? undefined : row.thinking[level];
  return way?.by === "environment" ? way.environment : {};
}

/** Writes a file of ours below DISPATCH_HOME, where every run of this product finds it whole; returns its path. */
async function keep({ name, text }: NonNullable<Gate["file"]>, home: string): Promise<string> {
  const path = join(home, "gates", name);
  const draft = `${path}.${crypto.randomUUID()}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await Bun.write(draft, text);
  await rename(draft, path);
  return path;
}

async function baseCommand(row: AcpRow, options: LaunchOptions): Promise<AgentCommand> {
  switch (row.command.by) {
    case "program":
      return { command: [programPath(row, options.environment), ...row.command.arguments], environment: {} };
    case "adapter": {
      const path = programPath(row, options.environment);
      const adapter = await ensureAdapter(row.command.adapter, options);
      return { ...adapter, environment: { ...adapter.environment, [row.command.program]: path } };
    }
    case "config":
      return { command: configured(row, options), environment: {} };
  }
}

/** @throws DispatchError `unavailable` when the product is not there */
export function programPath(
  row: Pick<AcpRow | ExecRow | TerminalRow, "program" | "name">,
  environment: Readonly<Record<string, string>>,
): string {
  const path = row.program === null ? null : findProgram(row.program, environment);
  if (path !== null) return path;
  throw new DispatchError("unavailable", `${row.name} is not installed`, { hint: row.program?.install });
}

function configured(row: AcpRow, options: LaunchOptions): string[] {
  if (options.configured !== null && options.configured.length > 0) return [...options.configured];
  throw new DispatchError("invalid", `no command is configured for ${row.agent}`, {
    hint: "dispatch config set backends.<agent>.command <command>",
  });
}
