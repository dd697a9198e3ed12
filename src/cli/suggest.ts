import { editDistance } from "../core/edit-distance.ts";

/** Words that differ more than this from what was typed are no help. */
const MAX_DISTANCE = 2;

/** The word that was probably meant, or null. */
export function closest(typed: string, words: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.min(MAX_DISTANCE, Math.ceil(typed.length / 2)) + 1;
  for (const word of words) {
    const distance = editDistance(typed, word, least);
    if (distance < least) [best, least] = [word, distance];
  }
  return best;
}
