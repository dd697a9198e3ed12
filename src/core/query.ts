import { type Name, nameOf, wordsOf } from "./name-fit.ts";
import { FILLERS } from "./slug.ts";

/** What somebody wrote: all of it, what stands before a colon, and what stands after it. */
export interface Query {
  readonly whole: Name;
  readonly head: Name | null;
  readonly rest: Name;
}

const HEAD = /^([^\s:][^:]{0,99}):\s+(\S[^]*)$/;
/** Shorter words say too little of what a text is about. */
const MIN_TERM = 3;
/** Words of at least this length are found in their singular too. */
const MIN_PLURAL = 5;
const MIN_COVERAGE = 0.5;
/** A text that is about the query has that many of its terms, where there are so many. */
const MIN_TERMS_FOUND = 2;

export function queryOf(text: string): Query {
  const whole = nameOf(text.trim());
  const [, head, rest] = HEAD.exec(whole.text) ?? [];
  return { whole, head: head === undefined ? null : nameOf(head), rest: nameOf(rest ?? "") };
}

/** The words that say what a text is about, but for those of `name`. */
export function termsOf(text: Name, name?: Name): string[] {
  const terms = wordsOf(text).filter((word) => word.length >= MIN_TERM && !FILLERS.has(word));
  return [...new Set(terms)]
    .filter((word) => !name?.words.includes(` ${word} `))
    .map((word) => (word.length >= MIN_PLURAL && word.endsWith("s") ? word.slice(0, -1) : word));
}

/** The share of the terms that the texts have; 0 where it is too small to tell. */
export function coverage(terms: readonly string[], texts: readonly Pick<Name, "words">[]): number {
  if (terms.length === 0) return 0;
  const found = terms.filter((term) => texts.some(({ words }) => words.includes(` ${term}`))).length;
  const share = found / terms.length;
  return found < Math.min(MIN_TERMS_FOUND, terms.length) || share < MIN_COVERAGE ? 0 : share;
}
