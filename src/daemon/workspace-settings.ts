import type { Config, WorkspaceEntry } from "../protocol/config.ts";
import type { Workspace, WorkspaceInfo } from "../protocol/workspace.ts";

/** The config's defaults of a workspace. */
export function entryOf(config: Config, workspace: Workspace): WorkspaceEntry | undefined {
  const key = sectionOf(config, workspace);
  return key === null ? undefined : config.workspaces[key];
}

/** The key of its section: its path, a name that says which path is meant, or its name alone. Null: it has none. */
export function sectionOf({ workspaces }: Config, { name, path }: Workspace): string | null {
  const keys = Object.keys(workspaces);
  return (
    keys.find((key) => key === path) ??
    keys.find((key) => workspaces[key]!.path === path) ??
    keys.find((key) => key === name && workspaces[key]!.path === undefined) ??
    null
  );
}

/** The key of its section, or of the one that it would get. */
export function sectionFor(config: Config, workspace: Workspace): string {
  const { name, path } = workspace;
  return sectionOf(config, workspace) ?? (Object.hasOwn(config.workspaces, name) ? path : name);
}

export function infoOf(config: Config, workspace: Workspace): WorkspaceInfo {
  const { path: _, ...settings } = entryOf(config, workspace) ?? {};
  return { ...workspace, settings };
}
