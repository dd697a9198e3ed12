import type { ModelInfo } from "../protocol/agent.ts";
import { type Look, table } from "./output.ts";

/** Models and aliases; the default has a star. */
export function modelTable(models: readonly ModelInfo[], look: Look): string {
  if (models.length === 0) return "No models: dispatch models add <name> --agent <agent>";
  return table(
    models.map((model) => [
      `${model.isDefault ? "*" : " "} ${look.bold(model.name)}`,
      model.agent,
      model.id ?? "",
      model.available ? (model.alias ? "alias" : "") : look.colour("yellow", "agent not installed"),
    ]),
    look,
  );
}
