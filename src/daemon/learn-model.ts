import type { ModelChoice } from "../protocol/task.ts";
import type { ConfigFile } from "./config.ts";

/** Writes a model that an agent offers into the config, under the name that was used. @returns what to tell of it */
export function learnModel(model: Pick<ModelChoice, "name" | "agent" | "id">, config: ConfigFile): string[] {
  config.edit([{ key: ["models", model.name], value: { backend: model.agent, id: model.id ?? undefined } }]);
  return [`added the model ${model.name} (${model.agent}) to ${config.path}`];
}
