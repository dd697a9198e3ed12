import { editDistance } from "./edit-distance.ts";

const MAX_SUGGESTIONS = 5;

/** The names that someone who wrote `name` may have meant, the likeliest first; at most five. */
export function similarNames(name: string, names: readonly string[]): string[] {
  const wanted = name.slice(0, 80).toLowerCase();
  const most = Math.max(1, wanted.length / 3);
  return [...new Set(names)]
    .map((candidate) => {
      const lower = candidate.toLowerCase();
      const contains = lower.includes(wanted) || wanted.includes(lower);
      return { candidate, score: contains ? 0.5 : editDistance(wanted, lower.slice(0, 80), most) };
    })
    .filter(({ score }) => score <= most)
    .sort((a, b) => a.score - b.score)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
}
