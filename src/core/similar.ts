const MAX_SUGGESTIONS = 5;

/** Levenshtein's distance: insertions, deletions and replacements between two texts. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let l = 1; l <= left.length; l++) {
    const next = [l];
    for (let r = 1; r <= right.length; r++) {
      const replaced = row[r - 1]! + (left[l - 1] === right[r - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[r]! + 1, next[r - 1]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}

/** The names that someone who wrote `name` may have meant, the likeliest first; at most five. */
export function similarNames(name: string, names: readonly string[]): string[] {
  const wanted = name.slice(0, 80).toLowerCase();
  return [...new Set(names)]
    .map((candidate) => {
      const lower = candidate.toLowerCase();
      const contains = lower.includes(wanted) || wanted.includes(lower);
      return { candidate, score: contains ? 0.5 : distance(wanted, lower.slice(0, 80)) };
    })
    .filter(({ score }) => score <= Math.max(1, wanted.length / 3))
    .sort((a, b) => a.score - b.score)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
}
