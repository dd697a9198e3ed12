import { DispatchError } from "../../base/error.ts";
import { isAvailable, type ModelSources, resolveName } from "../../core/model-names.ts";
import { similarNames } from "../../core/similar.ts";
import type { ModelInfo } from "../../protocol/agent.ts";
import type { Config } from "../../protocol/config.ts";
import type { Parts } from "../parts.ts";
import type { Handlers } from "./handler.ts";

export const modelHandlers: Pick<Handlers, "listModels" | "addModel" | "removeModel"> = {
  listModels(_, parts) {
    const config = parts.config.read();
    return { models: modelsOf(config, parts) };
  },

  /** A model that is there already gets the agent that is given. */
  addModel({ body }, parts) {
    const { config } = parts.config.edit([
      { key: ["models", body.name, "backend"], value: body.agent },
      ...(body.isDefault ? [{ key: ["default"], value: body.name }] : []),
    ]);
    return { models: modelsOf(config, parts) };
  },

  /** A default that named it goes with it. */
  removeModel({ params: { model: name } }, parts) {
    const config = parts.config.read();
    const section = sectionOf(config, name);
    const alias = Object.keys(config.aliases).find((each) => config.aliases[each]!.model === name);
    if (section !== "aliases" && alias !== undefined)
      throw new DispatchError("conflict", `${name} is what the alias ${alias} stands for`, {
        hint: `dispatch models rm ${alias}`,
      });
    const edited = parts.config.edit([
      { key: [section, name], value: undefined },
      ...(config.default === name ? [{ key: ["default"], value: undefined }] : []),
    ]);
    return { models: modelsOf(edited.config, parts) };
  },
};

function sectionOf(config: Config, name: string): "models" | "aliases" | "agents" {
  const section = (["models", "aliases", "agents"] as const).find((each) =>
    Object.hasOwn(config[each], name),
  );
  if (section) return section;
  throw new DispatchError("not_found", `the config has no model ${name}`, {
    hint: "dispatch models",
    candidates: similarNames(name, configNames(config)),
  });
}

function modelsOf(config: Config, { knownAgents, environment }: Parts): ModelInfo[] {
  const sources = knownAgents.sources(config, environment);
  const { default: preferred = [] } = sources.config; // it may name an agent, which is a model by itself
  const names = new Set(configNames(sources.config).concat(preferred));
  return [...names].flatMap((name) => infoOf(sources, name) ?? []);
}

function configNames(config: Config): string[] {
  return [
    ...new Set([config.models, config.agents, config.aliases].flatMap((section) => Object.keys(section))),
  ];
}

/** Null for a name whose agent nobody knows. */
function infoOf(sources: ModelSources, name: string): ModelInfo | null {
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
