import { DispatchError } from "../base/error.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you may not",
  EISDIR: "it is a folder",
  ENOENT: "there is no such file",
};

/** A file's text, or standard input's for `-`. @throws DispatchError `invalid` for what cannot be read, or is no UTF-8 */
export async function readText(path: string): Promise<string> {
  const name = path === "-" ? "standard input" : path;
  return decodeText(await readBytes(path), name);
}

/** Bytes as the text that they are, so that nothing is handed over otherwise than it was written. */
export function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DispatchError("invalid", `${name} is not UTF-8 text`, {
      hint: "iconv -f LATIN1 -t UTF-8 <file>, where that is how it is written",
      cause,
    });
  }
}

/** A file's bytes, or standard input's for `-`. @throws DispatchError `invalid` */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return path === "-" ? await Bun.stdin.bytes() : await Bun.file(path).bytes();
  } catch (error) {
    const why = REASONS[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message;
    throw new DispatchError("invalid", `${path} cannot be read: ${why}`, { cause: error });
  }
}

/** The words of a command line as one text; `-` alone is standard input. */
export async function readWords(words: readonly string[]): Promise<string> {
  return words.length === 1 && words[0] === "-" ? readText("-") : words.join(" ");
}
