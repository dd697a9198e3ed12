const SPECIAL = /[.*+?^${}()|[\]\\]/g;

/** What stands between the stars of a pattern; a star is any letters, or none. */
export type Letters = readonly string[];

/** True when the whole text is what the letters leave open. Takes time in proportion to the text. */
export function matchesLetters(letters: Letters, text: string): boolean {
  const first = letters[0]!;
  if (letters.length === 1) return text === first;
  const last = letters.at(-1)!;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const piece of letters.slice(1, -1)) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return from <= end;
}

/**
 * A path with `*` and `?` within a name and `**` over folders. It matches what it names and all below it.
 * Both sides must be resolved; `/home/al` does not match `/home/alice`.
 */
export function pathGlob(pattern: string): RegExp {
  const source = trimmed(pattern)
    .split(/(\*\*\/?|\*|\?)/)
    .map((piece) => WILD[piece] ?? escaped(piece))
    .join("");
  return new RegExp(`^${source}(/[^]*)?$`);
}

/** The folder that a path glob surely lies in, or the whole path where it has no wildcard. */
export function globRoot(pattern: string): string {
  const wild = pattern.search(/[*?]/);
  return wild < 0 ? trimmed(pattern) : pattern.slice(0, pattern.lastIndexOf("/", wild));
}

const WILD: Readonly<Record<string, string>> = {
  "**/": "(?:[^]*/)?",
  "**": "[^]*",
  "*": "[^/]*",
  "?": "[^/]",
};

function escaped(text: string): string {
  return text.replace(SPECIAL, String.raw`\$&`);
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, "");
}
