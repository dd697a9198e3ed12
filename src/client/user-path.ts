import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** A path as people write it, absolute: `~/` is the home, anything else starts in `base`. */
export function userPath(
  text: string,
  environment: Record<string, string | undefined>,
  base = process.cwd(),
): string {
  const home = environment["HOME"] || homedir();
  return text === "~" || text.startsWith("~/") ? join(home, text.slice(1)) : resolve(base, text);
}

/** What names a workspace: a folder in any spelling becomes its real path, a name or an id stays what it is. */
export function workspaceRef(
  text: string,
  environment: Record<string, string | undefined>,
  base = process.cwd(),
): string {
  if (!/^(?:~(?:\/|$)|\.{1,2}(?:\/|$)|\/)/.test(text)) return text;
  const path = userPath(text, environment, base);
  return existsSync(path) ? realpathSync(path) : path;
}
