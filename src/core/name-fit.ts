import { editDistance } from "./edit-distance.ts";

/** A name, ready to be compared with thousands of queries. */
export interface Name {
  readonly text: string;
  /** Its words as one: lower case, without accents and what stands between words. */
  readonly key: string;
  /** Its words, each between two spaces. */
  readonly words: string;
  /** Which letters the key has, a bit each; several share one, so that a set says only what a text cannot have. */
  readonly letters: number;
}

/** What somebody writes for a name, ready to be compared with thousands of them. */
export interface Asked extends Name {
  /** Its words, as they stand in `words`, and as they begin there. */
  readonly wholes: readonly string[];
  readonly beginnings: readonly string[];
}

/** How a query fits a name, in points. What lies within NEAR of each other fits as well. */
export const FIT = {
  /** It is the name, letter by letter. */
  exact: 100,
  /** It is, but for case, accents, and what stands between the words. */
  same: 88,
  /** Its words are words of the name. */
  word: 70,
  /** It begins the name, or a word of it. */
  begins: 64,
  /** It ends the name. */
  ends: 60,
  /** It is the name with a letter that is wrong, missing, too much or swapped with its neighbour. */
  typo: 46,
  /** It is a sentence in which the name stands: as likely as the misspelling of another name. */
  mentioned: 44,
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

const BITS = 32;
const LETTERS = 26;
const [LOWER_A, LOWER_Z, DIGIT_0, DIGIT_9] = [97, 122, 48, 57] as const;

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

export function askedOf(text: string): Asked {
  const name = nameOf(text);
  const beginnings = wordsOf(name).map((word) => ` ${word}`);
  return { ...name, beginnings, wholes: beginnings.map((word) => `${word} `) };
}

/** The words of a name. */
export function wordsOf({ words }: Name): string[] {
  return words.split(" ").filter((word) => word !== "");
}

/** How a query fits a name without a typo; null: it does not. A mention is not looked for. */
export function fitOf(query: Asked, name: Name): FitKind | null {
  if ((query.letters & ~name.letters) !== 0) return null;
  if (query.text === name.text) return "exact";
  if (query.key === "" || name.key === "") return null;
  if (query.key === name.key) return "same";
  if (query.key.length > name.key.length) return null;
  if (query.wholes.every((word) => name.words.includes(word))) return "word";
  if (query.key.length < MIN_BEGINNING) return null;
  if (name.key.startsWith(query.key)) return "begins";
  if (query.beginnings.every((word) => name.words.includes(word))) return "begins";
  return query.key.length >= MIN_ENDING && name.key.endsWith(query.key) ? "ends" : null;
}

/** How a query would fit a name if it had been typed right; null: it would not. */
export function typoOf(query: Asked, name: Name): FitKind | null {
  const { length } = query.key;
  if (length < MIN_TYPO) return null;
  const steps = stepsBetween(query, name, length < MIN_TYPOS ? 1 : 2);
  if (steps === 1) return "typo";
  if (length >= MIN_WORD_TYPO && hasWordLike(query, name)) return "wordTypo";
  return steps === 2 ? "typos" : null;
}

/** How many steps lead from one to the other; Infinity: more than `most`. Each changes two letters of the set at the most. */
export function stepsBetween(a: Name, b: Name, most: number): number {
  if (Math.abs(a.key.length - b.key.length) > most) return Infinity;
  if (bitsOf(a.letters ^ b.letters) > 2 * most) return Infinity;
  return editDistance(a.key, b.key, most);
}

/** One wrong letter of a word is one at the most that the name lacks. */
function hasWordLike(query: Asked, name: Name): boolean {
  if (query.wholes.length !== 1 || name.key.length < query.key.length) return false;
  if ((query.letters & name.letters) === 0 || bitsOf(query.letters & ~name.letters) > 1) return false;
  const words = wordsOf(name);
  return words.length > 1 && words.some((word) => editDistance(query.key, word, 1) === 1);
}

function lettersOf(key: string): number {
  let letters = 0;
  for (let at = 0; at < key.length; at++) letters |= 1 << bitOf(key.charCodeAt(at));
  return letters;
}

/** Each letter of a to z has its own bit, digits share the other six, and what else there is shares them all. */
function bitOf(code: number): number {
  if (code >= LOWER_A && code <= LOWER_Z) return code - LOWER_A;
  return code >= DIGIT_0 && code <= DIGIT_9 ? LETTERS + ((code - DIGIT_0) % (BITS - LETTERS)) : code % BITS;
}

function bitsOf(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}
