import { readlinkSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

const MAX_LINKS = 40; // as Linux counts them

/**
 * Where a path of an agent really leads: absolute, every link followed, in the order in which the kernel does it.
 * What does not exist (yet) is taken as it is named, also behind a link that dangles.
 * @throws Error for what nothing can open: links that go round in a circle, a name that is too long or holds a NUL
 */
export function resolvePath(folder: string, path: string): string {
  const rest = (isAbsolute(path) ? path : `${folder}/${path}`).split("/");
  let at = "/";
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = dirname(at);
      continue;
    }
    const target = linkTarget(join(at, name));
    if (target === null) {
      at = join(at, name);
      continue;
    }
    if (++links > MAX_LINKS) throw new Error(`${path}: too many links`);
    if (isAbsolute(target)) at = "/";
    rest.unshift(...target.split("/"));
  }
  return at;
}

/** The most of a path that nothing can open, in characters: it may be a whole text that only looks like one. */
const MAX_NOWHERE = 200;

/** The same, null for what nothing can open. */
export function tryResolvePath(folder: string, path: string): string | null {
  try {
    return resolvePath(folder, path);
  } catch {
    return null;
  }
}

/**
 * The same of a path that an agent names for a call: what nothing can open is inside of no folder, and no rule about
 * paths allows it.
 */
export function placeOf(folder: string, path: string): string {
  return tryResolvePath(folder, path) ?? `nowhere: ${path.slice(0, MAX_NOWHERE)}`;
}

/** @param path and @param folder resolved */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Null for what is no link, is not there, or cannot be looked at. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EINVAL" || code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return null;
    throw error;
  }
}
