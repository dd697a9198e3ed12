import type { WorkspaceInfo } from "../protocol/workspace.ts";
import { type Look, table } from "./output.ts";

export function workspaceTable(workspaces: readonly WorkspaceInfo[], look: Look): string {
  return table(
    workspaces.map(({ name, path, settings }) => [look.bold(name), path, settingWords(settings)]),
    look,
  );
}

/** `model opus, worktree true, limits.timeout 30m`; a list's lines are parted by `;`. */
function settingWords(settings: Record<string, unknown>, section = ""): string {
  return Object.entries(settings)
    .map(([key, value]) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? settingWords(value as Record<string, unknown>, `${section}${key}.`)
        : `${section}${key} ${Array.isArray(value) ? value.join("; ") : String(value)}`,
    )
    .join(", ");
}
