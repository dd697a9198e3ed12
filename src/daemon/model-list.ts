import { isAvailable, type ModelSources, resolveName } from "../core/model-names.ts";
import type { ModelInfo } from "../protocol/agent.ts";
import type { Config } from "../protocol/config.ts";
import { contextWindow } from "../store/session.ts";
import type { Parts } from "./parts.ts";

/** The models and aliases that can be named, the config's own or, before there are any, the usual ones. */
export function modelsOf(
  config: Config,
  { knownAgents, environment, ledger }: Pick<Parts, "knownAgents" | "environment" | "ledger">,
): ModelInfo[] {
  const sources = knownAgents.sources(config, environment);
  const { default: preferred = [] } = sources.config; // it may name an agent, which is a model by itself
  const names = new Set(configNames(sources.config).concat(preferred));
  return [...names].flatMap((name) => {
    const info = infoOf(sources, name);
    return info ? { ...info, contextWindow: contextWindow(ledger.db, info) } : [];
  });
}

/** The names of a config's models, old agents and aliases, in its order. */
export function configNames(config: Config): string[] {
  return [
    ...new Set([config.models, config.agents, config.aliases].flatMap((section) => Object.keys(section))),
  ];
}

/** Null for a name whose agent nobody knows. */
function infoOf(sources: ModelSources, name: string): Omit<ModelInfo, "contextWindow"> | null {
  const model = resolveName(sources, name);
  if (!model) return null;
  return {
    name,
    agent: model.agent,
    id: model.id,
    alias: Object.hasOwn(sources.config.aliases, name),
    role: model.role,
    isDefault: sources.config.default === name,
    available: isAvailable(sources, model.agent),
  };
}
