import { DispatchError } from "../base/error.ts";

/** Alternatives that the braces of one glob may come to. */
const MAX_ALTERNATIVES = 64;
const MAX_GLOB_CHARS = 500;
const ANY_DEPTH = "**";

/** One character of a segment, or how many of any: `*`, `?`, `[a-z]`. */
type Token =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | { readonly kind: "set"; readonly text: string; readonly negated: boolean };

type Segment = typeof ANY_DEPTH | readonly Token[];

/**
 * Whether a path matches a glob: `*` and `?` within a name, `**` over any number of folders, `[a-z]`, `{a,b}`, and `\`
 * before a character that means itself. A glob stands for the folder of its name and all that is in it, too.
 */
export function matchesGlob(path: string, glob: string): boolean {
  const names = path.split("/");
  return parse(glob).some((segments) => matchesFrom(names, segments));
}

/**
 * Whether a path may match both globs. It says yes when it cannot be sure: no two globs that have a path in common are
 * told apart.
 */
export function globsOverlap(one: string, other: string): boolean {
  const others = parse(other);
  return parse(one).some((left) => others.some((right) => segmentsOverlap(left, right)));
}

/** The same glob for paths that begin with a folder; the folder's characters mean themselves. */
export function globBelow(folder: string, glob: string): string {
  return folder === "" ? glob : `${folder.replace(/[\\*?[\]{},]/g, String.raw`\$&`)}/${glob}`;
}

/** What a glob means inside a folder, as globs for paths from there on; none: it is about nothing in it. */
export function globInside(folder: string, glob: string): string[] {
  return alternatives(glob)
    .slice(0, MAX_ALTERNATIVES)
    .flatMap((text) =>
      partsInside(
        folder,
        text.split("/").filter((part) => part !== "" && part !== "."),
      ),
    );
}

/** A `**` may stand for the folder, for nothing before it, or for what lies deeper. */
function partsInside(folder: string, [first, ...rest]: readonly string[]): string[] {
  if (first === undefined) return [ANY_DEPTH];
  if (first === ANY_DEPTH) return [[first, ...rest].join("/"), ...partsInside(folder, rest)];
  return matchesName(Array.from(folder), tokensOf(first)) ? [rest.join("/") || ANY_DEPTH] : [];
}

/** @throws DispatchError `invalid` for what cannot be a boundary: outside the folder, or too long to be compared */
export function checkGlob(glob: string): void {
  const wrong = faultOf(glob);
  if (wrong === null) return;
  throw new DispatchError(
    "invalid",
    `${JSON.stringify(glob.slice(0, 80))} is no glob for files: it ${wrong}`,
    {
      hint: "write it from the folder where the task runs, such as src/auth/**",
    },
  );
}

function faultOf(glob: string): string | null {
  if (glob.trim() === "") return "is empty";
  if (glob.length > MAX_GLOB_CHARS) return `is longer than ${MAX_GLOB_CHARS} characters`;
  if (glob.startsWith("/") || glob.startsWith("~")) return "is absolute";
  if (glob.startsWith("!")) return "says what is not meant";
  if (glob.split("/").includes("..")) return "leaves the folder";
  return alternatives(glob).length > MAX_ALTERNATIVES ? "has too many alternatives" : null;
}

function parse(glob: string): Segment[][] {
  return alternatives(glob)
    .slice(0, MAX_ALTERNATIVES)
    .map((text) =>
      text
        .split("/")
        .filter((part) => part !== "" && part !== ".")
        .map((part) => (part === ANY_DEPTH ? ANY_DEPTH : tokensOf(part))),
    );
}

/** Every text that the braces stand for, one more than allowed at the most. */
function alternatives(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const group = firstGroup(text);
    if (group === null) done.push(text);
    else open.push(...group);
    if (done.length + open.length > MAX_ALTERNATIVES) return [...done, ...open];
  }
  return done;
}

/** The text once for each alternative of its first braces; null where it has none that close. */
function firstGroup(text: string): string[] | null {
  const start = unescaped(text, "{", 0);
  if (start < 0) return null;
  const cuts = [start];
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === "{") depth++;
    else if (char === "," && depth === 1) cuts.push(at);
    else if (char === "}" && --depth === 0) {
      const [before, after] = [text.slice(0, start), text.slice(at + 1)];
      return cuts.map((cut, i) => before + text.slice(cut + 1, cuts[i + 1] ?? at) + after);
    }
  }
  return null;
}

function unescaped(text: string, wanted: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === wanted) return at;
  }
  return -1;
}

function tokensOf(part: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < part.length; at++) {
    const char = part[at]!;
    const end = char === "[" ? part.indexOf("]", at + 2) : -1;
    if (end > 0) {
      const negated = /[!^]/.test(part[at + 1]!);
      tokens.push({ kind: "set", text: part.slice(at + (negated ? 2 : 1), end), negated });
      at = end;
    } else if (char === "*") {
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (char === "?") tokens.push({ kind: "any" });
    else if (char === "\\" && at + 1 < part.length) tokens.push({ kind: "char", char: part[++at]! });
    else tokens.push({ kind: "char", char });
  }
  return tokens;
}

/** A path that has more names than the glob is inside what the glob names. */
function matchesFrom(names: readonly string[], segments: readonly Segment[]): boolean {
  const [segment, ...left] = segments;
  if (segment === undefined) return true;
  const [name, ...rest] = names;
  if (segment === ANY_DEPTH)
    return matchesFrom(names, left) || (name !== undefined && matchesFrom(rest, segments));
  return name !== undefined && matchesName(Array.from(name), segment) && matchesFrom(rest, left);
}

/** Back to the last star where it goes no further: quadratic at the worst, whatever the pattern. */
function matchesName(chars: readonly string[], tokens: readonly Token[]): boolean {
  let [at, token, star, mark] = [0, 0, -1, 0];
  while (at < chars.length) {
    const wanted = tokens[token];
    if (wanted?.kind === "star") [star, mark] = [token++, at];
    else if (wanted && takes(wanted, chars[at]!)) [at, token] = [at + 1, token + 1];
    else if (star >= 0) [at, token] = [++mark, star + 1];
    else return false;
  }
  return tokens.slice(token).every(({ kind }) => kind === "star");
}

function takes(token: Token, char: string): boolean {
  switch (token.kind) {
    case "char":
      return token.char === char;
    case "any":
      return true;
    case "star":
      return false;
    case "set":
      return isInSet(token.text, char) !== token.negated;
  }
}

function isInSet(text: string, char: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text[at + 1] === "-" && at + 2 < text.length) {
      if (text[at]! <= char && char <= text[at + 2]!) return true;
      at += 2;
    } else if (text[at] === char) return true;
  }
  return false;
}

/** Where one of two ends, the other is inside what it names. */
function segmentsOverlap(left: readonly Segment[], right: readonly Segment[]): boolean {
  const [one, ...leftRest] = left;
  const [other, ...rightRest] = right;
  if (one === undefined || other === undefined) return true;
  if (one === ANY_DEPTH) return segmentsOverlap(leftRest, right) || segmentsOverlap(left, rightRest);
  if (other === ANY_DEPTH) return segmentsOverlap(left, rightRest) || segmentsOverlap(leftRest, right);
  return namesOverlap(one, other) && segmentsOverlap(leftRest, rightRest);
}

/** Two names with wildcards can be the same unless what is sure at their starts, or their ends, differs. */
function namesOverlap(one: readonly Token[], other: readonly Token[]): boolean {
  if (isPlain(one)) return matchesName(charsOf(one), other);
  if (isPlain(other)) return matchesName(charsOf(other), one);
  return agree(one, other) && agree(one.toReversed(), other.toReversed());
}

function agree(one: readonly Token[], other: readonly Token[]): boolean {
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const [left, right] = [one[at]!, other[at]!];
    if (left.kind === "star" || right.kind === "star") return true;
    if (left.kind === "char" && !takes(right, left.char)) return false;
    if (right.kind === "char" && !takes(left, right.char)) return false;
  }
  return true;
}

function isPlain(tokens: readonly Token[]): tokens is readonly Extract<Token, { kind: "char" }>[] {
  return tokens.every(({ kind }) => kind === "char");
}

function charsOf(tokens: readonly Extract<Token, { kind: "char" }>[]): string[] {
  return tokens.map(({ char }) => char);
}
