import type { ModelInfo } from "../protocol/agent.ts";
import { cut, type Look, table } from "./output.ts";

/** What of a role stands in a line, in columns. */
const ROLE_WIDTH = 80;

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

/** Aliases with what they stand for and the beginning of their role. */
export function aliasTable(aliases: readonly ModelInfo[], look: Look): string {
  if (aliases.length === 0) return "No aliases: dispatch aliases add <name> --model <model>";
  return table(
    aliases.map((alias) => [
      look.bold(alias.name),
      alias.id ?? alias.agent,
      cut(alias.role ?? "", ROLE_WIDTH),
    ]),
    look,
  );
}
