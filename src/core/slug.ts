export const MAX_SLUG_LENGTH = 40;
/** More words make a slug longer, not clearer. */
const MAX_SLUG_WORDS = 5;
const EMPTY = "task";
/** What a prompt is about stands at its start. */
const MAX_TEXT_CHARS = 2_000;

/** Words that carry no meaning in a title, and those that direct a dispatch. */
export const FILLERS: ReadonlySet<string> = new Set(
  (
    "a an and the to of in on for with using use have dispatch please this that it its my our your can could you " +
    "should would is are be so then also"
  ).split(" "),
);
const COMBINING = /\p{M}+/gu;
/** Letters that Unicode does not take apart into a base letter and an accent. */
const LETTERS: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d" };
const SENTENCE_END = /[.!?]\s|\n/;

function ascii(text: string): string {
  const plain = text.toWellFormed().normalize("NFKD").replace(COMBINING, "").toLowerCase();
  return plain.replace(/[ßæœøłđ]/g, (letter) => LETTERS[letter]!);
}

function wordsOf(text: string): string[] {
  return ascii(text).match(/[a-z0-9]+/g) ?? [];
}

/** As many whole words as fit; a first word that is too long is cut. */
function joinWords(words: string[]): string {
  let slug = "";
  for (const word of words.slice(0, MAX_SLUG_WORDS)) {
    const longer = slug === "" ? word : `${slug}-${word}`;
    if (longer.length > MAX_SLUG_LENGTH) break;
    slug = longer;
  }
  return slug || (words[0] ?? "").slice(0, MAX_SLUG_LENGTH);
}

function numbered(slug: string, number: number): string {
  const suffix = `-${number}`;
  return slug.slice(0, MAX_SLUG_LENGTH - suffix.length).replace(/-$/, "") + suffix;
}

/** `text` without `phrases` where they stand as whole words, in any case. */
function withoutPhrases(text: string, phrases: readonly string[]): string {
  const drop = phrases.map((phrase) => wordsOf(phrase).join("-")).filter((phrase) => phrase !== "");
  const spaced = `-${wordsOf(text).join("-")}-`;
  return drop.reduce((rest, phrase) => rest.replaceAll(`-${phrase}-`, "-"), spaced);
}

/** The words of the first sentence that says what to do; failing that, all words of the first one. */
function tellingWords(text: string, drop: readonly string[]): string[] {
  const sentences = text.slice(0, MAX_TEXT_CHARS).trim().split(SENTENCE_END);
  const isName = !/\s/.test(text.trim());
  const words = sentences.map((sentence) => wordsOf(withoutPhrases(sentence, drop)));
  const telling = words.map((each) => each.filter((word) => isName || !FILLERS.has(word)));
  return telling.find((each) => each.length > 0) ?? words.find((each) => each.length > 0) ?? [];
}

/**
 * A readable name for a task: at most 40 of `a-z`, `0-9` and `-`, never empty, `-2` and so on where it is taken.
 * @param text a prompt, or a name: one word, such as `fix-it`, which is kept whole
 * @param options `taken` says which slugs are in use; `drop` are words that say how and not what: model names,
 * directives such as "in a worktree"
 */
export function slugOf(
  text: string,
  options: { taken: (slug: string) => boolean; drop?: readonly string[] },
): string {
  const slug = joinWords(tellingWords(text, options.drop ?? [])) || EMPTY;
  if (!options.taken(slug)) return slug;
  let number = 2;
  while (options.taken(numbered(slug, number))) number++;
  return numbered(slug, number);
}
