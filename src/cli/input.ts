import { DispatchError } from "../base/error.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you may not",
  EISDIR: "it is a folder",
  ENOENT: "there is no such file",
};

/** A file's text, or standard input's for `-`. */
export async function readText(path: string): Promise<string> {
  try {
    return path === "-" ? await Bun.stdin.text() : await Bun.file(path).text();
  } catch (error) {
    const why = REASONS[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message;
    throw new DispatchError("invalid", `${path} cannot be read: ${why}`, { cause: error });
  }
}

/** The words of a command line as one text; `-` alone is standard input. */
export async function readWords(words: readonly string[]): Promise<string> {
  return words.length === 1 && words[0] === "-" ? readText("-") : words.join(" ");
}
