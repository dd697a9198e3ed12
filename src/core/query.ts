import { type Asked, askedOf, type Name, nameOf, wordsOf } from "./name-fit.ts";
import { FILLERS } from "./slug.ts";

/** Where words of a sentence stand: from one up to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * What somebody wrote: all of it, what stands before a colon, and what stands after it. `spoken` are the words of a
 * sentence, and those that follow each other as one, by their keys: the names that it can mention.
 */
export interface Query {
  readonly whole: Asked;
  readonly head: Asked | null;
  readonly rest: Name;
  readonly spoken: ReadonlyMap<string, readonly Span[]>;
}

const HEAD = /^([^\s:][^:]{0,99}):\s+(\S[^]*)$/;
/** Shorter words say too little of what a text is about. */
const MIN_TERM = 3;
/** Words of at least this length are found in their singular too. */
const MIN_PLURAL = 5;
const MIN_COVERAGE = 0.6;
/** What is looked at of a sentence, in characters, and the words of a name in it. */
const MAX_SENTENCE = 512;
const MAX_NAME_WORDS = 5;
const POSSESSIVE = /['’]s\W*$/;
/** A text that is about the query has that many of its terms, where there are so many. */
const MIN_TERMS_FOUND = 2;

export function queryOf(text: string): Query {
  const whole = askedOf(text.trim());
  const [, head, rest] = HEAD.exec(whole.text) ?? [];
  return {
    whole,
    head: head === undefined ? null : askedOf(head),
    rest: nameOf(rest ?? ""),
    spoken: spokenIn(whole.text),
  };
}

/** What is written without white space is one word, whatever it is made of: `api-cleint` mentions no `api`. */
function spokenIn(text: string): Map<string, Span[]> {
  const spoken = new Map<string, Span[]>();
  const words = text
    .slice(0, MAX_SENTENCE)
    .split(/\s+/)
    .map((word) => nameOf(word.replace(POSSESSIVE, "")).key);
  if (words.length === 1) return spoken;
  for (let from = 0; from < words.length; from++)
    for (let to = from + 1; to <= Math.min(words.length, from + MAX_NAME_WORDS); to++) {
      const key = words.slice(from, to).join("");
      spoken.set(key, [...(spoken.get(key) ?? []), { from, to }]);
    }
  return spoken;
}

/** The words that say what a text is about, each behind a space, but for those of `name`. */
export function termsOf(text: Name, name?: Name): string[] {
  const terms = wordsOf(text).filter((word) => word.length >= MIN_TERM && !FILLERS.has(word));
  return [...new Set(terms)]
    .filter((word) => !name?.words.includes(` ${word} `))
    .map((word) => ` ${word.length >= MIN_PLURAL && word.endsWith("s") ? word.slice(0, -1) : word}`);
}

/** The share of the terms that begin words of a text, which stand between spaces; 0 where it is too small to tell. */
export function coverage(terms: readonly string[], text: string): number {
  const least = Math.max(Math.min(MIN_TERMS_FOUND, terms.length), MIN_COVERAGE * terms.length, 1);
  let found = 0;
  for (let at = 0; at < terms.length; at++) {
    if (text.includes(terms[at]!)) found++;
    else if (found + terms.length - at - 1 < least) return 0;
  }
  return found < least ? 0 : found / terms.length;
}
