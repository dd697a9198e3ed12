import { textKey } from "./line.ts";

interface Line {
  readonly text: string;
}

/** Share of words two texts must have in common for one to be a rewording of the other. */
const SIMILAR = 0.5;

/** Pairs equal texts, the first with the first and so on where one stands several times. Keyed by index of `left`. */
export function pairEqual(left: readonly Line[], right: readonly Line[]): Map<number, number> {
  const places = new Map<string, number[]>();
  for (const [at, line] of right.entries()) {
    const key = textKey(line.text);
    const known = places.get(key);
    if (known) known.push(at);
    else places.set(key, [at]);
  }
  const pairs = new Map<number, number>();
  for (const [at, line] of left.entries()) {
    const match = places.get(textKey(line.text))?.shift();
    if (match !== undefined) pairs.set(at, match);
  }
  return pairs;
}

function words(text: string): Set<string> {
  return new Set(textKey(text).match(/[\p{L}\p{N}]+/gu));
}

/** A line as `similarity` compares it; made once, since every line meets every other. */
interface Wording {
  readonly at: number;
  readonly key: string;
  readonly words: ReadonlySet<string>;
}

function wording(at: number, line: Line): Wording {
  return { at, key: textKey(line.text), words: words(line.text) };
}

/** 0 to 1: shared words (Dice); 1 where one text only goes on from the other. */
function similarity(left: Wording, right: Wording): number {
  if (left.words.size === 0 || right.words.size === 0) return 0;
  if (left.key.startsWith(`${right.key} `) || right.key.startsWith(`${left.key} `)) return 1;
  return (2 * left.words.intersection(right.words).size) / (left.words.size + right.words.size);
}

function unpaired(length: number, taken: ReadonlySet<number>): number[] {
  return Array.from({ length }, (_, at) => at).filter((at) => !taken.has(at));
}

function pairSimilar(left: readonly Line[], right: readonly Line[], pairs: Map<number, number>): void {
  const leftRest = unpaired(left.length, new Set(pairs.keys())).map((at) => wording(at, left[at]!));
  const rightRest = unpaired(right.length, new Set(pairs.values())).map((at) => wording(at, right[at]!));
  const scored = leftRest
    .flatMap((l) => rightRest.map((r) => ({ l: l.at, r: r.at, score: similarity(l, r) })))
    .filter(({ score }) => score >= SIMILAR)
    .sort((a, b) => b.score - a.score || a.l - b.l || a.r - b.r);
  const taken = new Set<number>();
  for (const { l, r } of scored) {
    if (pairs.has(l) || taken.has(r)) continue;
    pairs.set(l, r);
    taken.add(r);
  }
}

/** One line replaced by one, between neighbours that are paired: a rewording, whatever its words. */
function pairInPlace(left: readonly Line[], right: readonly Line[], pairs: Map<number, number>): void {
  const rightTaken = new Set(pairs.values());
  for (const l of unpaired(left.length, new Set(pairs.keys()))) {
    const before = l === 0 ? -1 : pairs.get(l - 1);
    const after = l === left.length - 1 ? right.length : pairs.get(l + 1);
    if (before === undefined || after === undefined || after - before !== 2 || left.length === 1) continue;
    const r = before + 1;
    if (rightTaken.has(r)) continue;
    pairs.set(l, r);
    rightTaken.add(r);
  }
}

/**
 * Which line of `right` is which line of `left`, after an agent edited it: equal texts first, then similar ones, then
 * the one line that stands in another's place. Returns indexes of `left` to indexes of `right`.
 */
export function pairLines(left: readonly Line[], right: readonly Line[]): Map<number, number> {
  const pairs = pairEqual(left, right);
  pairSimilar(left, right, pairs);
  pairInPlace(left, right, pairs);
  return pairs;
}
