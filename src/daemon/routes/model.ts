import { DispatchError } from "../../base/error.ts";
import { quote } from "../../core/quote.ts";
import { isAvailable, isSameName, modelNames, resolveName } from "../../core/model-names.ts";
import { similarNames } from "../../core/similar.ts";
import type { Config } from "../../protocol/config.ts";
import type { ConfigEdit } from "../config.ts";
import { lookUp } from "../discover.ts";
import { configNames, modelsOf } from "../model-list.ts";
import type { Parts } from "../parts.ts";
import type { Handlers } from "./handler.ts";

export const modelHandlers: Pick<Handlers, "listModels" | "addModel" | "removeModel"> = {
  listModels(_, parts) {
    const config = parts.config.read();
    return { models: modelsOf(config, parts) };
  },

  /** A model that is there already gets the agent that is given, or whose list has it. */
  async addModel({ body }, parts) {
    const edits =
      body.agent === undefined
        ? await offeredEdits(body.name, parts)
        : [{ key: ["models", body.name, "backend"], value: body.agent }];
    const { config } = parts.config.edit([
      ...edits,
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
        hint: `dispatch models rm ${quote(alias)}`,
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

/** A model under its agent's own name for it. @throws DispatchError `not_found` where no agent here offers it */
async function offeredEdits(name: string, parts: Parts): Promise<ConfigEdit[]> {
  const sources = await lookUp(name, parts.environment, parts);
  const model = resolveName(sources, name);
  if (model === null || !isSameName(model.name, name))
    throw new DispatchError("not_found", `no agent here offers ${name}`, {
      hint: `dispatch models add ${quote(name)} --agent <agent>`,
      candidates: model ? [model.name] : similarNames(name, modelNames(sources)),
    });
  if (!isAvailable(sources, model.agent))
    throw new DispatchError("not_found", `${name} needs the agent ${model.agent}, which is not installed`, {
      hint: "dispatch doctor",
    });
  const id = model.id === null || model.id === name ? [] : [{ key: ["models", name, "id"], value: model.id }];
  return [{ key: ["models", name, "backend"], value: model.agent }, ...id];
}
