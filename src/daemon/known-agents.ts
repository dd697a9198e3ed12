import type { AgentRow, TerminalRow } from "../agents/agent-row.ts";
import { agentRow, CATALOG } from "../agents/catalog.ts";
import { rowOfCommand, wordsOf } from "../agents/command-words.ts";
import { ANY_TERMINAL, terminalForm } from "../agents/terminal-command.ts";
import { type ConfiguredAgent, findAgents, findProgram, PRODUCTS } from "../agents/find.ts";
import { DispatchError } from "../base/error.ts";
import type { KnownAgent, ModelSources } from "../core/model-names.ts";
import { withStarters } from "../core/models.ts";
import type { Backend, Config } from "../protocol/config.ts";
import type { Session } from "../protocol/session.ts";
import type { ModelChoice } from "../protocol/task.ts";
import type { PlacedEvent } from "../protocol/event.ts";
import type { SessionId } from "../protocol/id.ts";
import { agentModels, saveAgentModels } from "../store/agent-models.ts";
import type { Ledger } from "./commit.ts";
import type { Environment } from "./environment.ts";

/** What the config says of an agent, in its present or its old form. */
export function backendOf(config: Config, agent: string): Backend | undefined {
  return config.backends[agent] ?? config.agents[agent];
}

/** The products and the config's own agents, as the config has them; one that it gives no command is left out. */
export function configuredAgents(config: Config): ConfiguredAgent[] {
  const own = Object.keys({ ...config.backends, ...config.agents });
  const names = new Set([...PRODUCTS.map(({ agent }) => agent), ...own]);
  return [...names].flatMap((agent) => {
    const row = driverOf(config, agent);
    const command = backendOf(config, agent)?.command;
    return row === null ? [] : { agent, row, words: command === undefined ? null : wordsOf(command) };
  });
}

/**
 * The catalog's row for an agent of the config: the product of that name, or what its command means.
 * @throws DispatchError `invalid` when there is neither
 */
export function rowOf(config: Config, agent: string): AgentRow {
  const row = driverOf(config, agent);
  if (row !== null) return row;
  throw new DispatchError("invalid", `the agent ${agent} has no driver`, {
    hint: `in config.yaml: backends: {${agent}: {command: <command>}}`,
  });
}

/** How sessions with this model's agent are driven. */
export function sessionKind(config: Config, { agent }: Pick<ModelChoice, "agent">): Session["kind"] {
  return driverOf(config, agent)?.protocol === "acp" ? "acp" : "exec";
}

/**
 * What an agent of the config is in a terminal, and the words of its program there; null: the product's own.
 * @throws DispatchError `invalid` for one without a program, and as `rowOf`
 */
export function terminalOf(
  config: Config,
  agent: string,
): { form: TerminalRow; words: readonly string[] | null } {
  const { terminal, command } = backendOf(config, agent) ?? {};
  const form = terminalForm(rowOf(config, agent));
  if (terminal !== undefined) {
    const words = wordsOf(terminal);
    return { form: form.program === null ? terminalForm(rowOfCommand(words, "argument")) : form, words };
  }
  if (command === undefined) return { form, words: null };
  const words = wordsOf(command);
  return { form, words: form.program === null ? words : words.slice(0, 1) }; // the rest is for another form of it
}

/** Whether this model's agent has an interactive program that is known as such, or that the config names. */
export function hasTerminal(config: Config, { agent }: Pick<ModelChoice, "agent">): boolean {
  if (backendOf(config, agent)?.terminal !== undefined) return true;
  const row = driverOf(config, agent);
  if (row === null || row.protocol === "shell") return false;
  return terminalForm(row).agent !== ANY_TERMINAL.agent;
}

function driverOf(config: Config, agent: string): AgentRow | null {
  const backend = backendOf(config, agent);
  if (backend?.command !== undefined) return rowOfBackend(backend, backend.command);
  const row = agentRow(agent);
  return row !== null && "program" in row && row.program === null ? null : row; // it needs a command
}

function rowOfBackend({ protocol, input = "argument" }: Backend, command: string): AgentRow | null {
  switch (protocol) {
    case "acp":
      return agentRow("acp");
    case "exec":
      return agentRow(input === "stdin" ? "exec-stdin" : "exec");
    case undefined:
      return rowOfCommand(wordsOf(command), input);
  }
}

/** Every variable that some agent of the catalog or the config may take from its caller. */
export function agentVariables(config: Config): string[] {
  const products = CATALOG.flatMap((row) => (row.protocol === "acp" ? row.variables : []));
  return [...products, ...Object.values(config.backends).flatMap((backend) => backend.variables ?? [])];
}

/** What the products get to say of themselves while a failure waits to be told, in milliseconds. */
const USABLE_MS = 2_500;

/** The agents that can be started as far as they say: those that lack a login are left out. */
export async function usableAgents(
  known: readonly KnownAgent[],
  environment: Environment,
): Promise<ReadonlySet<string>> {
  const broken = (await findAgents(environment, { limitMs: USABLE_MS })).filter(
    ({ login, installed }) => !installed || login === "no",
  );
  const lacking = new Set(broken.map(({ agent }) => agent));
  return new Set(known.map(({ agent }) => agent).filter((agent) => !lacking.has(agent)));
}

/** The agents of this machine, and what they said of themselves when they were last heard. */
export class KnownAgents {
  readonly #ledger: Ledger;
  readonly #models: Map<string, KnownAgent["models"]>;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#models = agentModels(ledger.db);
  }

  /** Remembers the models that an agent offers. */
  keep(agent: string, models: KnownAgent["models"]): void {
    if (Bun.deepEquals(this.#models.get(agent), models)) return;
    this.#models.set(agent, models);
    this.#ledger.commit((tx) => saveAgentModels(tx.db, agent, models));
  }

  /** Learns the models that an agent offers when a conversation with it opens. */
  learn(events: readonly PlacedEvent[], agentOf: (session: SessionId) => string | null): void {
    for (const { event } of events) {
      if (event.type !== "transcript" || event.record.event.type !== "conversation") continue;
      const agent = agentOf(event.session);
      if (agent && event.record.event.models.length > 0) this.keep(agent, event.record.event.models);
    }
  }

  /** What names may mean: the config's, or the usual ones before there are any, and what the agents offer. */
  sources(config: Config, environment: Environment): ModelSources {
    const known = this.#startable(config, environment);
    return { config: withStarters({ config, known }), known };
  }

  /** Installed products, the shell, and commands of the config. */
  #startable(config: Config, environment: Environment): KnownAgent[] {
    const products = CATALOG.filter(
      (row) => row.protocol === "shell" || (row.program && findProgram(row.program, environment) !== null),
    ).map((row) => row.agent);
    const own = Object.entries({ ...config.agents, ...config.backends }).flatMap(([agent, { command }]) =>
      command === undefined ? [] : agent,
    );
    return [...new Set([...products, ...own])].map((agent) => ({
      agent,
      models: this.#models.get(agent) ?? [],
    }));
  }
}
