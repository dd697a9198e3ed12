import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ProjectSign, ProjectSign as Signs } from "../protocol/project.ts";

/** Folders below a root that are looked into. */
const MAX_DEPTH = 3;
/** What one search looks at, and finds, at the most. */
const MAX_FOLDERS = 50_000;
const MAX_PROJECTS = 5_000;
const MAX_SEARCH_MS = 5_000;
/** Folders that are read at once. */
const AT_ONCE = 32;

const SKIPPED = new Set(["node_modules", "archive"]);

/** A folder with the signs of a project; `path` is absolute and real. */
export interface FoundFolder {
  readonly path: string;
  readonly signs: ProjectSign[];
}

/** `complete` is false where a limit ended the search. */
export interface Search {
  readonly found: FoundFolder[];
  readonly complete: boolean;
}

/**
 * Finds repositories and folders with agents' instructions below the roots, each once, however links lead to it. What
 * lies in a repository is its own; what cannot be read is passed over. Only looks.
 * @param roots absolute and real
 * @param options `mayFollow` says whether a link may lead to this real path
 */
export async function findProjects(
  roots: readonly string[],
  { mayFollow }: { mayFollow: (path: string) => boolean },
): Promise<Search> {
  const found = new Map<string, FoundFolder>();
  const over = new AbortController();
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), MAX_SEARCH_MS);
  try {
    const complete = await Promise.race([
      walk(roots, { found, mayFollow, signal: over.signal }),
      late.promise,
    ]);
    return { found: [...found.values()], complete };
  } finally {
    clearTimeout(timer);
    over.abort(); // a folder on a disk that does not answer is waited for no longer
  }
}

interface Walk {
  readonly found: Map<string, FoundFolder>;
  readonly mayFollow: (path: string) => boolean;
  readonly signal: AbortSignal;
}

/** False where a limit ended it. */
async function walk(roots: readonly string[], { found, mayFollow, signal }: Walk): Promise<boolean> {
  const seen = new Set<string>();
  let level = [...roots];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const below: string[] = [];
    while (level.length > 0) {
      if (signal.aborted || seen.size >= MAX_FOLDERS || found.size >= MAX_PROJECTS) return false;
      const batch = [...new Set(level.splice(-AT_ONCE))].filter((path) => !seen.has(path));
      for (const path of batch) seen.add(path);
      for (const { path, signs, below: inner } of await Promise.all(
        batch.map((each) => look(each, mayFollow)),
      )) {
        if (signs.length > 0) found.set(path, { path, signs });
        if (!signs.includes(".git")) below.push(...inner);
      }
    }
    level = below;
  }
  return true;
}

interface Folder extends FoundFolder {
  readonly below: readonly string[];
}

async function look(path: string, mayFollow: (path: string) => boolean): Promise<Folder> {
  const entries = await entriesOf(path);
  const names = new Set(entries.map(({ name }) => name));
  const signs = Signs.options.filter((sign) => names.has(sign));
  const below = await Promise.all(entries.map((entry) => folderOf(path, entry, mayFollow)));
  return { path, signs, below: below.filter((each) => each !== null) };
}

/** The real path of an entry that is a folder to look into, or null. */
async function folderOf(
  parent: string,
  entry: Dirent,
  mayFollow: (path: string) => boolean,
): Promise<string | null> {
  if (entry.name.startsWith(".") || SKIPPED.has(entry.name)) return null;
  const path = join(parent, entry.name);
  if (entry.isDirectory()) return path;
  if (!entry.isSymbolicLink()) return null;
  return quietly(async () => {
    const real = await realpath(path);
    return mayFollow(real) && (await stat(real)).isDirectory() ? real : null;
  }, null);
}

function entriesOf(path: string): Promise<Dirent[]> {
  return quietly(() => readdir(path, { withFileTypes: true }), []);
}

/** What the system does not give is as if it were not there. */
async function quietly<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && "errno" in error) return otherwise;
    throw error;
  }
}
