import { isInside } from "./path.ts";

/**
 * Folders and files by which another program runs commands: git's own (hooks, `core.pager`), ours, those of agents, of
 * editors and of shells. Compared without case, since some file systems do.
 */
const FOLDERS = new Set([
  ".git",
  ".dispatch",
  ".claude",
  ".codex",
  ".gemini",
  ".opencode",
  ".cursor",
  ".pi",
  ".qwen",
  ".copilot",
  ".husky",
  ".vscode",
  ".idea",
  ".ssh",
]);
const FILES = new Set([
  ".bashrc",
  ".bash_profile",
  ".bash_login",
  ".bash_logout",
  ".bash_aliases",
  ".profile",
  ".zshrc",
  ".zshenv",
  ".zprofile",
  ".zlogin",
  ".zlogout",
  ".kshrc",
  ".mkshrc",
  ".inputrc",
  "config.fish",
  ".envrc",
  ".gitconfig",
  ".npmrc",
  ".mcp.json",
  ".claude.json",
  "opencode.json",
  "opencode.jsonc",
]);

/**
 * True for a path that no preset lets an agent write unasked. What the folder of the agent itself lies in does not count.
 * @param path and @param folder absolute, resolved
 */
export function isProtected(path: string, folder: string): boolean {
  const names = (isInside(path, folder) ? path.slice(folder.length) : path).toLowerCase().split("/");
  return names.some((name) => FOLDERS.has(name)) || FILES.has(names.at(-1)!);
}
