import type { ShellWord, SimpleCommand } from "../protocol/command-line.ts";
import { type Letters, matchesLetters } from "./glob.ts";

/** `maybe`: it depends on what a word becomes when it runs. */
export type Match = "yes" | "maybe" | "no";

const PIECES = /'([^']*)'|\\([^])|(\s+)|(\*)|([^'\\\s*]+)|([^])/g;

/**
 * Reads a pattern: words as a shell quotes them (`'…'` and `\` take a `*` for itself), with `*` for any letters.
 * @returns the letters between the stars of each word
 */
function patternWords(pattern: string): Letters[] {
  const words: string[][] = [];
  let open: string[] | null = null;
  for (const [, quoted, taken, space, star, plain, other] of pattern.matchAll(PIECES)) {
    if (space !== undefined) {
      open = null;
      continue;
    }
    if (open === null) words.push((open = [""]));
    if (star === undefined) open[open.length - 1] += quoted ?? taken ?? plain ?? other ?? "";
    else open.push("");
  }
  return words;
}

/** A pattern that matches exactly these words. */
export function exactPattern(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))).join(" ");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Whether a command is what a pattern names: word for word, where a last word `*` stands for any words or none.
 * Variables set before the command are words of it.
 */
export function matchCommand(
  pattern: string,
  { assignments, words }: Pick<SimpleCommand, "assignments" | "words">,
): Match {
  return matchWords(patternWords(pattern), [...assignments, ...words]);
}

function matchWords(pattern: readonly Letters[], words: readonly ShellWord[]): Match {
  const isOpen = pattern.at(-1)?.length === 2 && pattern.at(-1)!.every((piece) => piece === "");
  const fixed = isOpen ? pattern.slice(0, -1) : pattern;
  // A word that is not literal may become none or several.
  const isWhole = words.every(({ value }) => value !== null);
  if (isWhole && (isOpen ? words.length < fixed.length : words.length !== fixed.length)) return "no";
  for (const [at, each] of fixed.entries()) {
    const match = matchWord(each, words[at]);
    if (match !== "yes") return match;
  }
  return isOpen || isWhole ? "yes" : "maybe";
}

function matchWord(pattern: Letters, word: ShellWord | undefined): Match {
  if (word === undefined) return "no";
  if (word.value !== null) return matchesLetters(pattern, word.value) ? "yes" : "no";
  const [first = ""] = pattern;
  return first.startsWith(word.start) || word.start.startsWith(first) ? "maybe" : "no";
}
