/**
 * How many single steps lead from one text to the other: an insertion, a deletion, a replacement, or a swap of
 * neighbours (optimal string alignment). Beyond `most` it is not counted any further, and the answer is Infinity.
 */
export function editDistance(a: string, b: string, most = Infinity): number {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  const start = commonStart(a, b);
  const end = commonEnd(a, b, start);
  return distance(a.slice(start, a.length - end), b.slice(start, b.length - end), most);
}

/** Row by row, each only as far from the diagonal as the steps that are left lead. */
function distance(a: string, b: string, most: number): number {
  const width = b.length + 1;
  let older = Array.from({ length: width }, () => Infinity);
  let previous = Array.from({ length: width }, (_, j) => j);
  let row = Array.from({ length: width }, () => Infinity);
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - most);
    const to = Math.min(b.length, i + most);
    row[from - 1] = from === 1 ? i : Infinity;
    let least = row[from - 1]!;
    for (let j = from; j <= to; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? older[j - 2]! + 1 : Infinity;
      const steps = Math.min(replaced, swapped, previous[j]! + 1, row[j - 1]! + 1);
      row[j] = steps;
      if (steps < least) least = steps;
    }
    if (to < b.length) row[to + 1] = Infinity;
    if (least > most) return Infinity;
    [older, previous, row] = [previous, row, older];
  }
  const steps = previous[b.length]!;
  return steps > most ? Infinity : steps;
}

function commonStart(a: string, b: string): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count++;
  return count;
}

/** The same from behind, of what `start` leaves. */
function commonEnd(a: string, b: string, start: number): number {
  const longest = Math.min(a.length, b.length) - start;
  let count = 0;
  while (count < longest && a[a.length - 1 - count] === b[b.length - 1 - count]) count++;
  return count;
}
