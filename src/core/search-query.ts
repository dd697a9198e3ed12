import { DispatchError } from "../base/error.ts";

/** Words and phrases of a search at the most; the rest would only make it slow. */
const MAX_TERMS = 32;
/** The shortest beginning of a word that stands for the whole of it. */
const MIN_PREFIX = 2;

/**
 * What a person typed as a query of SQLite's FTS5 (https://sqlite.org/fts5.html#full_text_query_syntax): every word or
 * "phrase" must be there, the beginning of a word will do, and `-word` must not be there. Nothing in the text is an
 * operator: each term is quoted.
 * @throws DispatchError `invalid` when there is nothing to look for
 */
export function searchQuery(text: string): string {
  const terms = [...text.replaceAll("\0", " ").matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)]
    .slice(0, MAX_TERMS)
    .map(([, minus, phrase, word]) => ({ without: minus === "-", ...termOf(phrase, word) }))
    .filter(({ term }) => /[\p{L}\p{N}]/u.test(term));
  const wanted = terms.filter(({ without }) => !without).map(quoted);
  if (wanted.length === 0)
    throw new DispatchError("invalid", "there is no word to look for", {
      hint: 'dispatch search migration "connection refused" -docker',
    });
  const unwanted = terms.filter(({ without }) => without).map(quoted);
  const all = wanted.join(" AND ");
  return unwanted.length === 0 ? all : `(${all}) NOT (${unwanted.join(" OR ")})`;
}

interface Term {
  term: string;
  /** The word may go on. */
  open: boolean;
}

function termOf(phrase: string | undefined, word: string | undefined): Term {
  return phrase === undefined
    ? { term: word!.replaceAll('"', " "), open: word!.length >= MIN_PREFIX }
    : { term: phrase, open: false };
}

function quoted({ term, open }: Term): string {
  return `"${term}"${open ? "*" : ""}`;
}
