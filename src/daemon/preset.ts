import { checkTerminalPreset } from "../agents/terminal-command.ts";
import { wordsOf } from "../agents/command-words.ts";
import { checkPreset } from "../agents/exec-command.ts";
import { DispatchError } from "../base/error.ts";
import { isWider } from "../core/policy.ts";
import type { Config } from "../protocol/config.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { SessionId } from "../protocol/id.ts";
import type { ModelChoice, Task } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { getSession } from "../store/session.ts";
import { backendOf, rowOf, terminalOf } from "./known-agents.ts";

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

/** The same for an agent in a terminal. */
export function checkTerminalPermissions(
  permissions: Permissions,
  { agent }: ModelChoice,
  config: Config,
): Permissions {
  const isRoot = process.getuid?.() === 0;
  checkTerminalPreset(terminalOf(config, agent).form, { permissions, isRoot });
  return permissions;
}

/** What the agent of a session may do; null where a person asks. @throws DispatchError `not_found` */
export function askerOf(db: Db, from: SessionId | undefined): Permissions | null {
  if (from === undefined) return null;
  const sender = getSession(db, from);
  if (!sender) throw new DispatchError("not_found", `no session ${from}`, { hint: "dispatch sessions" });
  return sender.permissions;
}

/** A preset that nobody named, for what an agent asks for. */
export function noWider(preset: Permissions, asker: Permissions | null): Permissions {
  return asker !== null && isWider(preset, asker) ? asker : preset;
}

/**
 * An agent has no other agent do what it may not do itself.
 * @param asker see `askerOf`
 * @throws DispatchError `refused` for a task that may do more
 */
export function refuseWider(
  asker: Permissions | null,
  { slug, permissions }: Pick<Task, "slug" | "permissions">,
): void {
  if (asker === null || !isWider(permissions, asker)) return;
  throw new DispatchError(
    "refused",
    `${slug} with the permissions ${permissions} may do more than the agent that asks, which has ${asker}`,
    { hint: `hand it over with --permissions ${asker}, or ask a person` },
  );
}
