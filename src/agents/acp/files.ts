import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { INVALID_PARAMS, RpcError } from "../json-rpc.ts";
import type { FileToRead } from "./messages.ts";
import { isInside, resolvePath } from "./paths.ts";

const MAX_FILE_BYTES = 10 * 1024 * 1024;
/** Neither a link that was put there meanwhile nor a pipe that nobody fills. */
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Where a path of a file request leads, links resolved.
 * @param folders resolved; relative paths start at the first
 * @throws RpcError when that is outside of all of them
 */
export function confine(folders: readonly [string, ...string[]], path: string): string {
  const resolved = resolvePath(folders[0], path);
  if (folders.some((folder) => isInside(folder, resolved))) return resolved;
  throw new RpcError(INVALID_PARAMS, `${path} is outside of ${folders.join(" and ")}`);
}

/** Answers `fs/read_text_file`. `path` is a confined one. */
export async function readPart({ path, line, limit }: FileToRead): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | SAFELY).catch(refuse);
  const stat = await file.stat();
  if (!stat.isFile()) throw new RpcError(INVALID_PARAMS, `${path} is no file`);
  if (stat.size > MAX_FILE_BYTES) throw new RpcError(INVALID_PARAMS, `${path} is too large`);
  const text = await file.readFile("utf8");
  if (!line && !limit) return text;
  const first = Math.max(0, (line ?? 1) - 1);
  return text
    .split("\n")
    .slice(first, limit ? first + limit : undefined)
    .join("\n");
}

/** Answers `fs/write_text_file`. `path` is a confined one; its folder must be there. */
export async function writeWhole(path: string, content: string): Promise<void> {
  if (Buffer.byteLength(content) > MAX_FILE_BYTES) {
    throw new RpcError(INVALID_PARAMS, `${path} would be too large`);
  }
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | SAFELY;
  await using file = await open(path, flags, 0o666).catch(refuse);
  await file.writeFile(content);
}

function refuse(error: unknown): never {
  throw new RpcError(INVALID_PARAMS, (error as Error).message);
}
