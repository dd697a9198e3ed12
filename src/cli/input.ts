import { DispatchError } from "../base/error.ts";

/** A file's text, or standard input's for `-`. */
export async function readText(path: string): Promise<string> {
  try {
    return path === "-" ? await Bun.stdin.text() : await Bun.file(path).text();
  } catch (error) {
    throw new DispatchError("invalid", `${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
