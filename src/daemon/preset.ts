import { wordsOf } from "../agents/command-words.ts";
import { checkPreset } from "../agents/exec-command.ts";
import type { Config } from "../protocol/config.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { ModelChoice } from "../protocol/task.ts";
import { backendOf, rowOf } from "./known-agents.ts";

/**
 * The preset, where the model's agent is kept to it.
 * @throws DispatchError `refused`; `invalid` for an agent without a driver
 */
export function checkPermissions(
  permissions: Permissions,
  { agent }: ModelChoice,
  config: Config,
): Permissions {
  const row = rowOf(config, agent);
  const words = wordsOf(backendOf(config, agent)?.command ?? "");
  if (row.protocol === "exec") checkPreset(row, { words, permissions });
  return permissions;
}
