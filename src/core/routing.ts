import {
  type Destination,
  destinations,
  destinationsAt,
  destinationsById,
  type Place,
  recency,
  type Routable,
} from "./destination.ts";
import { queryOf } from "./query.ts";
import { similarNames } from "./similar.ts";

/** Destinations whose fits, or of one fit whose leans, lie nearer than this are as likely. */
const NEAR = 10;
/** What a repository with a session brings against another one of its name. */
const HAS_SESSION = 20;

/** What a query means; `ranked` is everywhere that it may mean, the likeliest first. */
export type Routing = { readonly ranked: readonly Destination[] } & (
  | { readonly kind: "found"; readonly to: Destination }
  | { readonly kind: "ambiguous"; readonly among: number }
  | { readonly kind: "nothing"; readonly suggestions: readonly string[] }
);

/**
 * Says what a text means: the session that is called so or whose task is, a repository's session, a place that has
 * none yet, or what is about it. Names decide; of what is named alike, use decides only within one repository or
 * between repositories of one name. The order in which things are known changes nothing.
 */
export function routeByName(text: string, routable: Routable, now: number): Routing {
  const byId = destinationsById(text.trim(), routable, now);
  if (byId)
    return byId.length > 1 ? { kind: "ambiguous", ranked: byId, among: byId.length } : decided(byId, now);
  const query = queryOf(text);
  const routing = decided(destinations(query, routable, now), now);
  if (routing.kind !== "nothing") return routing;
  return { ...routing, suggestions: suggestionsFor(query.head?.text ?? query.whole.text, routable) };
}

/** The same for a folder: `places` are itself and those that hold it, the nearest first. */
export function routeByPath(places: readonly Place[], routable: Routable, now: number): Routing {
  const found = places.map((place) => destinationsAt(place, routable, now));
  const used = found.find((each) => each.some(({ listener }) => listener !== null));
  return decided(used ?? found[0]!, now);
}

function decided(found: readonly Destination[], now: number): Routing {
  const ranked = found.toSorted(byLikelihood);
  const [first] = ranked;
  if (!first) return { kind: "nothing", ranked, suggestions: [] };
  const near = ranked.filter(({ fit }) => first.fit - fit < NEAR);
  const among = inOnePlace(near, now);
  const to = among && clearOf(among);
  if (!to) return { kind: "ambiguous", ranked, among: near.length };
  return { kind: "found", ranked: [to, ...ranked.filter((each) => each !== to)], to };
}

/** Those of one place, where they all are in it or it is the one that is used of several with its name; else null. */
function inOnePlace(near: readonly Destination[], now: number): readonly Destination[] | null {
  const places = Map.groupBy(near, ({ place }) => place.path);
  if (places.size === 1) return near;
  if (near.some(({ by, called }) => by !== "place" || called.key !== near[0]!.called.key)) return null;
  const uses = [...places.values()]
    .map((those) => ({ those, points: pointsOfUse(those, now) }))
    .sort((a, b) => b.points - a.points);
  return uses[0]!.points - uses[1]!.points >= NEAR ? uses[0]!.those : null;
}

function pointsOfUse(those: readonly Destination[], now: number): number {
  const [used] = recency(those[0]!.place.usedAt, now);
  return (used?.points ?? 0) + (those.some(({ listener }) => listener !== null) ? HAS_SESSION : 0);
}

/** The one of a place that is meant; null where two are as likely. */
function clearOf(among: readonly Destination[]): Destination | null {
  const [first, second] = among.toSorted((a, b) => b.lean - a.lean || byLikelihood(a, b));
  return second && first!.lean - second.lean < NEAR ? null : first!;
}

function byLikelihood(a: Destination, b: Destination): number {
  return (
    b.fit - a.fit ||
    b.lean - a.lean ||
    (b.place.usedAt ?? 0) - (a.place.usedAt ?? 0) ||
    compare(a.called.key, b.called.key) ||
    compare(a.place.path, b.place.path) ||
    compare(a.listener?.id ?? "", b.listener?.id ?? "")
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** At most five names that look like the text, or like one of its words. */
function suggestionsFor(text: string, { places, listeners }: Routable): string[] {
  const names = [...places.values(), ...listeners].flatMap((each) => each.names.map((name) => name.text));
  const sorted = [...new Set(names)].sort();
  return similarNames(text, sorted);
}
