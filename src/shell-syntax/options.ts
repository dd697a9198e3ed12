import type { ShellWord } from "../protocol/command-line.ts";

/** The options that a command may have before its operands. What is in neither list is not understood. */
export interface Options {
  /** Those that stand alone, with a value of their own attached where they need one. */
  readonly alone: RegExp;
  /** Those that take the next word. */
  readonly valued?: readonly string[];
}

/** Where the operands begin; null where an option is not known, or a word that may be one is not literal. */
export function operandsAt(words: readonly ShellWord[], { alone, valued = [] }: Options): number | null {
  for (let at = 1; at < words.length; at++) {
    const { value, start } = words[at]!;
    if (value === null) return start === "" || start.startsWith("-") ? null : at;
    if (value === "--") return at + 1;
    if (!value.startsWith("-")) return at;
    if (valued.includes(value)) at += 1;
    else if (!alone.test(value)) return null;
  }
  return words.length;
}
