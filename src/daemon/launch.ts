import { wordsOf } from "../agents/command-words.ts";
import { execCommand } from "../agents/exec-command.ts";
import { agentCommand, programPath } from "../agents/launch.ts";
import { terminalCommand } from "../agents/terminal-command.ts";
import type { Config } from "../protocol/config.ts";
import type { Launch } from "../protocol/host.ts";
import type { Session } from "../protocol/session.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Thinking } from "../protocol/thinking.ts";
import { type Environment, listed } from "./environment.ts";
import { backendOf, rowOf, terminalOf } from "./known-agents.ts";
import type { Ground } from "./parts.ts";

/** Which agent is started, what it may do unasked, how long it thinks, and whose environment it gets. */
export interface AgentRequest {
  readonly agent: string;
  readonly kind: Session["kind"];
  readonly permissions: Permissions;
  readonly thinking: Thinking | null;
  /** Further folders that it may work in. */
  readonly folders: readonly string[];
  /** The caller's whole environment; what is not listed is dropped here. */
  readonly environment: Environment;
}

/**
 * The command line and the whole environment of an agent. Fetches its product's adapter where that is not there yet.
 * @throws DispatchError what the product lacks, with how to get it
 */
export async function startOf(
  config: Config,
  { agent, kind, permissions, thinking, folders, environment }: AgentRequest,
  { home, self, environment: own }: Pick<Ground, "home" | "self" | "environment">,
): Promise<Pick<Launch, "agent" | "command" | "environment">> {
  const backend = backendOf(config, agent);
  const variables = backend?.variables ?? [];
  if (kind === "terminal") {
    const { form, words } = terminalOf(config, agent);
    const kept = listed(environment, [...form.variables, ...variables]);
    const start = terminalCommand(form, { words: words ?? [programPath(form, kept)], permissions, thinking });
    return { agent: form.agent, command: start.command, environment: { ...kept, ...start.environment } };
  }
  const row = rowOf(config, agent);
  if (row.protocol === "shell") {
    const kept = listed(environment, variables);
    return { agent: row.agent, command: [kept["SHELL"] ?? "/bin/sh"], environment: kept };
  }
  const kept = listed(environment, [...row.variables, ...variables]);
  const configured = backend?.command === undefined ? null : wordsOf(backend.command);
  if (row.protocol === "exec") {
    const words = configured ?? [programPath(row, kept)];
    const start = execCommand(row, { words, permissions, thinking, folders });
    return { agent: row.agent, command: start.command, environment: { ...kept, ...start.environment } };
  }
  // An adapter is fetched as the user's package manager would: its settings are in the daemon's own environment.
  const place = { home, self: self[0]!, environment: { ...own, ...kept } };
  const start = await agentCommand(row, { permissions, thinking, folders, configured, ...place });
  return { agent: row.agent, command: start.command, environment: { ...kept, ...start.environment } };
}
