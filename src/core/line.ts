const TAB = /\t/g;
const LINE_BREAKS = /[\r\n\u2028\u2029\u0085]+/g;
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Text as one line that shows what it says: breaks and tabs become spaces; control characters and those that turn the
 * direction of writing go (they can make one text look like another); ends are trimmed, surrogates are paired.
 */
export function cleanLine(text: string): string {
  return text.toWellFormed().replace(LINE_BREAKS, " ").replace(TAB, " ").replace(UNSEEN, "").trim();
}

/** What two texts have in common when a reader would call them equal: case and white space do not count. */
export function textKey(text: string): string {
  return cleanLine(text).normalize("NFC").toLowerCase().replace(/\s+/g, " ");
}

/** Every run of white space as one space, or as one line break where it holds one. Keeps patterns over it linear. */
export function collapseSpace(text: string): string {
  return text.replace(/\s+/g, (run) => (run.includes("\n") ? "\n" : " "));
}
