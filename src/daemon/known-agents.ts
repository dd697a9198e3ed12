import type { AgentRow } from "../agents/agent-row.ts";
import { agentRow, CATALOG } from "../agents/catalog.ts";
import { findAgents, findProgram } from "../agents/find.ts";
import { DispatchError } from "../base/error.ts";
import type { KnownAgent, ModelSources } from "../core/model-names.ts";
import { withStarters } from "../core/models.ts";
import type { Config } from "../protocol/config.ts";
import type { PlacedEvent } from "../protocol/event.ts";
import type { SessionId } from "../protocol/id.ts";
import { agentModels, saveAgentModels } from "../store/agent-models.ts";
import type { Ledger } from "./commit.ts";
import type { Environment } from "./environment.ts";

/** The catalog's row for an agent of the config: the product of that name, or any command that speaks ACP. */
export function rowOf(config: Config, agent: string): AgentRow {
  const backend = config.backends[agent];
  const row = backend?.protocol === "acp" ? agentRow("acp") : agentRow(agent);
  if (row && (row.agent !== "acp" || backend?.command)) return row;
  throw new DispatchError("invalid", `the agent ${agent} has no driver`, {
    hint: `in config.yaml: backends: {${agent}: {command: <command>, protocol: acp}}`,
  });
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
  const broken = (await findAgents(environment, USABLE_MS)).filter(
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
    const own = Object.keys(config.backends).filter((agent) => config.backends[agent]?.protocol === "acp");
    return [...new Set([...products, ...own])].map((agent) => ({
      agent,
      models: this.#models.get(agent) ?? [],
    }));
  }
}
