import { DispatchError } from "../../base/error.ts";
import { modelNames, resolveName } from "../../core/model-names.ts";
import { similarNames } from "../../core/similar.ts";
import { lookUp } from "../discover.ts";
import { modelsOf } from "../model-list.ts";
import type { Handlers } from "./handler.ts";

export const aliasHandlers: Pick<Handlers, "addAlias"> = {
  async addAlias({ body: { name, model, prompt } }, parts) {
    const sources = await lookUp(model, parts.environment, parts);
    if (resolveName(sources, model) === null)
      throw new DispatchError("not_found", `no model or agent ${JSON.stringify(model)}`, {
        hint: "dispatch models",
        candidates: similarNames(model, modelNames(sources)),
      });
    if (sources.config.aliases[model] !== undefined)
      throw new DispatchError("invalid", `${model} is an alias itself`, { hint: "dispatch aliases" });
    const { config } = parts.config.edit([
      { key: ["aliases", name], value: { model, ...(prompt ? { prompt } : {}) } },
    ]);
    return { models: modelsOf(config, parts) };
  },
};
