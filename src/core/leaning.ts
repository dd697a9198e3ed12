import type { Reason } from "../protocol/routing.ts";
import type { Place, Receiver } from "./destination.ts";

/**
 * What decides between those that a query names alike. A task's worker has its own work: by the name of its repository
 * it is not meant, and by its own no more than the session of the repository that is called so, too.
 */
const LEAN = { named: 60, task: 40, about: 60, unnamed: 20, here: 10, ours: 10 } as const;

const HOUR_MS = 60 * 60 * 1_000;
const RECENT = [
  { withinMs: HOUR_MS, points: 15, what: "used within the hour" },
  { withinMs: 24 * HOUR_MS, points: 5, what: "used within a day" },
] as const;

/** For a session that is meant by its own name, or its task's. */
export function leaningByName({ task, usedAt }: Receiver, now: number): Reason[] {
  const own =
    task === null
      ? { points: LEAN.named, what: "by its own name" }
      : { points: LEAN.task, what: "by its task's name" };
  return [own, ...recency(usedAt, now)];
}

/** For one of the sessions of a place; `share` is that of the query's terms which it is about. */
export function leaningIn(
  place: Place,
  { names, path, isOutside, usedAt }: Receiver,
  { share, now }: { share: number; now: number },
): Reason[] {
  return [
    ...(share > 0 ? [{ points: Math.round(LEAN.about * share), what: "it is about the rest" }] : []),
    ...(names.length === 0 ? [{ points: LEAN.unnamed, what: "it is the one without a name" }] : []),
    ...(path === place.path ? [{ points: LEAN.here, what: "it works at the top" }] : []),
    ...(isOutside ? [] : [{ points: LEAN.ours, what: "it is run by Dispatch" }]),
    ...recency(usedAt, now),
  ];
}

/** For what was used then; null: never. */
export function recency(usedAt: number | null, now: number): Reason[] {
  const recent = RECENT.find(({ withinMs }) => usedAt !== null && now - usedAt < withinMs);
  return recent ? [{ points: recent.points, what: recent.what }] : [];
}
