/**
 * How many single steps lead from one text to the other: an insertion, a deletion, a replacement, or a swap of
 * neighbours (optimal string alignment). Beyond `most` it is not counted any further, and the answer is Infinity.
 */
export function editDistance(a: string, b: string, most = Infinity): number {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? older[j - 2]! + 1 : Infinity;
      row[j] = Math.min(replaced, swapped, previous[j]! + 1, row[j - 1]! + 1);
      least = Math.min(least, row[j]!);
    }
    if (least > most) return Infinity;
    older = previous;
    previous = row;
  }
  const distance = previous[b.length]!;
  return distance > most ? Infinity : distance;
}
