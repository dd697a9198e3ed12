import { editDistance } from "./edit-distance.ts";

/** A name, or what somebody writes for one, ready to be compared. */
export interface Name {
  readonly text: string;
  /** Its words as one: lower case, without accents and what stands between words. */
  readonly key: string;
  /** Its words, each between two spaces. */
  readonly words: string;
  /** Which letters the key has, a bit each; texts that differ in more bits than steps allow are not compared. */
  readonly letters: number;
}

/** How a query fits a name, in points. What lies within NEAR of each other fits as well. */
export const FIT = {
  /** It is the name, letter by letter. */
  exact: 100,
  /** It is, but for case, accents, and what stands between the words. */
  same: 88,
  /** It is a sentence in which the name stands. */
  mentioned: 76,
  /** Its words are words of the name. */
  word: 70,
  /** It begins the name, or a word of it. */
  begins: 64,
  /** It ends the name. */
  ends: 60,
  /** It is the name with a letter that is wrong, missing, too much or swapped with its neighbour. */
  typo: 46,
  /** It is a word of the name, with such a letter. */
  wordTypo: 40,
  /** It is the name with two such letters. */
  typos: 34,
} as const;
export type FitKind = keyof typeof FIT;

const MAX_CHARS = 512;
/** Shorter texts begin, end and misspell too many names. */
const MIN_BEGINNING = 2;
const MIN_ENDING = 4;
const MIN_TYPO = 4;
const MIN_WORD_TYPO = 5;
const MIN_TYPOS = 8;

const CAMEL = /(\p{Ll}|\p{N})(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu;
const ACCENTS = /[\u0300-\u036f]/g;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

export function nameOf(text: string): Name {
  const parted = text.slice(0, MAX_CHARS).toWellFormed().replace(CAMEL, "$& ");
  const plain = parted.normalize("NFKD").replace(ACCENTS, "").normalize("NFC").toLowerCase();
  const words: string[] = plain.match(WORD) ?? [];
  const key = words.join("");
  return { text, key, words: ` ${words.join(" ")} `, letters: lettersOf(key) };
}

/** The words of a name. */
export function wordsOf({ words }: Name): string[] {
  return words.split(" ").filter((word) => word !== "");
}

/** How a query fits a name without a typo; null: it does not. A mention is not looked for. */
export function fitOf(query: Name, name: Name): FitKind | null {
  if (query.text === name.text) return "exact";
  if (query.key === "" || name.key === "") return null;
  if (query.key === name.key) return "same";
  if (query.key.length > name.key.length) return null;
  if (haveWords(query, name, " ")) return "word";
  if (query.key.length < MIN_BEGINNING) return null;
  if (name.key.startsWith(query.key) || haveWords(query, name, "")) return "begins";
  return query.key.length >= MIN_ENDING && name.key.endsWith(query.key) ? "ends" : null;
}

/** How a query would fit a name if it had been typed right; null: it would not. */
export function typoOf(query: Name, name: Name): FitKind | null {
  const { length } = query.key;
  if (length < MIN_TYPO) return null;
  const most = length < MIN_TYPOS ? 1 : 2;
  const steps = stepsBetween(query, name, most);
  if (steps === 1) return "typo";
  if (length >= MIN_WORD_TYPO && name.words.length > name.key.length + 2 && hasWordLike(query, name))
    return "wordTypo";
  return steps === 2 ? "typos" : null;
}

/** True where every word of the query is one of the name, or with `end` "" begins one. */
function haveWords(query: Name, name: Name, end: " " | ""): boolean {
  if (query.words.length === query.key.length + 2) return name.words.includes(` ${query.key}${end}`);
  return wordsOf(query).every((word) => name.words.includes(` ${word}${end}`));
}

function hasWordLike(query: Name, name: Name): boolean {
  return wordsOf(name).some((word) => editDistance(query.key, word, 1) === 1);
}

/** Infinity where there are more than `most`. Each step changes two letters of the set at the most. */
function stepsBetween(a: Name, b: Name, most: number): number {
  if (Math.abs(a.key.length - b.key.length) > most) return Infinity;
  if (bitsOf(a.letters ^ b.letters) > 2 * most) return Infinity;
  return editDistance(a.key, b.key, most);
}

function lettersOf(key: string): number {
  let letters = 0;
  for (let at = 0; at < key.length; at++) letters |= 1 << (key.charCodeAt(at) & 31);
  return letters;
}

function bitsOf(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}
