import { constants, lstatSync, readlinkSync, readdirSync, readFileSync } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

/** A plain file, and when it was last written, in milliseconds. */
export interface Entry {
  readonly path: string;
  readonly updatedAt: number;
}

/** What is read of a conversation; its first prompt stands near its beginning, behind the product's own. */
const HEAD_BYTES = 512 * 1024;
const MAX_RECORD_BYTES = 64 * 1024;
/** Files of conversations that are looked at; whoever has more has those of years. */
const MAX_FILES = 20_000;

/**
 * The plain files `depth` folders below one; links are followed nowhere. Empty where there is no such folder.
 * Newest folders first, where their names say it.
 */
export async function filesBelow(folder: string, depth: number): Promise<Entry[]> {
  const found: Entry[] = [];
  await collect(folder, depth, found);
  return found;
}

async function collect(folder: string, depth: number, found: Entry[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(nothingThere);
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? 1 : -1))) {
    if (found.length >= MAX_FILES) return;
    const path = join(folder, entry.name);
    if (depth > 0 && entry.isDirectory()) await collect(path, depth - 1, found);
    else if (depth === 0 && entry.isFile()) {
      const info = await lstat(path).catch(() => null); // gone meanwhile
      if (info?.isFile()) found.push({ path, updatedAt: info.mtimeMs });
    }
  }
}

/** The beginning of a plain file, in whole lines; empty for what is none, cannot be read, or has no line so short. */
export async function readHead(path: string): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => null);
  if (!file) return "";
  try {
    if (!(await file.stat()).isFile()) return "";
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const text = buffer.toString("utf8", 0, bytesRead);
    return text.slice(0, text.lastIndexOf("\n") + 1);
  } finally {
    await file.close();
  }
}

/** The lines of a file of JSON lines; what is none is passed over. */
export function* jsonLines(text: string): Generator<Record<string, unknown>> {
  for (const line of text.split("\n")) {
    const value = parsed(line);
    if (typeof value === "object" && value !== null) yield value as Record<string, unknown>;
  }
}

/** A small document of JSON that a product keeps; null for what is none. */
export function readRecord(path: string): Record<string, unknown> | null {
  const info = lstatSync(path, { throwIfNoEntry: false });
  if (!info?.isFile() || info.size > MAX_RECORD_BYTES) return null;
  const value = parsed(readFileSync(path, "utf8"));
  return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
}

/** The numbers that the files `<number>.json` of a folder have for names; empty where there is no such folder. */
export function numberedFiles(folder: string): number[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const number = /^([1-9]\d{0,9})\.json$/.exec(name)?.[1];
      return number === undefined ? [] : Number(number);
    });
  } catch {
    return []; // there is none, or it is no folder
  }
}

/** The paths of the files that a process has open, on Linux. */
export function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((fd) => linkOf(join(folder, fd)));
  } catch {
    return []; // gone, another user's, or no such system
  }
}

/** The folder of a product's own files, absolute. */
export function ownFolder(
  environment: Readonly<Record<string, string | undefined>>,
  { variable, folder }: { variable: string; folder: string },
): string {
  const set = environment[variable];
  return set && isAbsolute(set) ? set : join(environment["HOME"] ?? "/", folder);
}

/** A string that is not empty; null for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return []; // closed meanwhile
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function nothingThere(): [] {
  return [];
}
