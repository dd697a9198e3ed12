import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, resolve, sep } from "node:path";

/** A folder of the user's, resolved, or why it is none. */
type UserFolder = { readonly path: string } | { readonly fault: "outside" | "missing" | "no folder" };

/** The folder that a client names: it lies in the user's home, whatever links lead to it. */
export function userFolder(home: string, given: string): UserFolder {
  const path = given === "~" || given.startsWith("~/") ? join(home, given.slice(1)) : given;
  if (!isAbsolute(path) || path.includes("\0")) return { fault: "outside" };
  const real = realPath(path);
  const homes = [home, realPath(home) ?? home];
  if (!homes.some((each) => isWithin(real ?? resolve(path), each))) return { fault: "outside" };
  if (real === null) return { fault: "missing" };
  return statSync(real, { throwIfNoEntry: false })?.isDirectory() ? { path: real } : { fault: "no folder" };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Null for what is not there, or not for this user. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return null;
  }
}
