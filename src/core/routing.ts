import {
  type Destination,
  destinations,
  destinationsAt,
  destinationsById,
  type Place,
  type Routable,
} from "./destination.ts";
import { recency } from "./leaning.ts";
import { FIT, fitOf, type Name, stepsBetween } from "./name-fit.ts";
import { namings } from "./naming.ts";
import { type Query, queryOf } from "./query.ts";

/** Destinations whose fits, or of one fit whose leans, lie nearer than this are as likely. */
const NEAR = 10;
/** What a repository with a session brings against another one of its name. */
const HAS_SESSION = 20;
const MAX_SUGGESTIONS = 5;
/** A suggestion differs by a step in so many letters, or is a part of what was written, in letters at the least. */
const STEP_EVERY = 3;
const MAX_STEPS = 3;
const MIN_PART = 3;
const PART = 0.5;

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
  return { ...routing, suggestions: suggestionsFor(query, routable) };
}

/** The same for a folder: `places` are itself and those that hold it, the nearest first. */
export function routeByPath(places: readonly Place[], routable: Routable, now: number): Routing {
  const found = places.map((place) => destinationsAt(place, routable, now));
  const used = found.find((each) => each.some(({ receiver }) => receiver !== null));
  return decided(used ?? found[0]!, now);
}

/** The places that are called like this, by name or by the end of their path: those in the same spelling, if any. */
export function placesCalled(text: string, places: Iterable<Place>): Place[] {
  const query = { ...queryOf(text), head: null };
  const found = namings(query, places, fitOf).filter(({ fit }) => fit >= FIT.same);
  const spelled = found.filter(({ fit }) => fit === FIT.exact);
  return (spelled.length > 0 ? spelled : found).map(({ of }) => of);
}

function decided(found: readonly Destination[], now: number): Routing {
  const ranked = found.toSorted(byLikelihood);
  const [first] = ranked;
  if (!first) return { kind: "nothing", ranked, suggestions: [] };
  const near = ranked.filter(({ fit }) => first.fit - fit < NEAR);
  const places = [...Map.groupBy(near, ({ place }) => place.path).values()];
  const among = (theOneInUse(places, now) ?? places).flatMap(leaders).sort(byLikelihood);
  const rest = ranked.filter((each) => !among.includes(each));
  if (among.length === 1) return { kind: "found", ranked: [...among, ...rest], to: among[0]! };
  return { kind: "ambiguous", ranked: [...among, ...rest], among: among.length };
}

/** Of several places of one name, the one that is used; null: none is, or more than one, or their names differ. */
function theOneInUse(places: readonly (readonly Destination[])[], now: number) {
  const [called] = places[0]!;
  if (places.flat().some((each) => each.by !== "place" || each.called.key !== called!.called.key))
    return null;
  const uses = places
    .map((those) => ({ those, points: pointsOfUse(those, now) }))
    .sort((a, b) => b.points - a.points);
  const [most, next] = uses;
  return most && next && most.points - next.points >= NEAR ? [most.those] : null;
}

function pointsOfUse(those: readonly Destination[], now: number): number {
  const [used] = recency(those[0]!.place.usedAt, now);
  return (used?.points ?? 0) + (those.some(({ receiver }) => receiver !== null) ? HAS_SESSION : 0);
}

/** Those of one place that are as likely as its likeliest. */
function leaders(those: readonly Destination[]): Destination[] {
  const most = those.reduce((most, { lean }) => Math.max(most, lean), 0);
  return those.filter(({ lean }) => most - lean < NEAR);
}

function byLikelihood(a: Destination, b: Destination): number {
  return (
    b.fit - a.fit ||
    b.lean - a.lean ||
    (b.place.usedAt ?? 0) - (a.place.usedAt ?? 0) ||
    compare(a.called.key, b.called.key) ||
    compare(a.place.path, b.place.path) ||
    compare(a.receiver?.id ?? "", b.receiver?.id ?? "")
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The names that somebody who wrote this may have meant, the likeliest first. */
export function suggestionsFor({ whole, head }: Query, { places, receivers }: Routable): string[] {
  const query = head ?? whole;
  if (query.key === "") return [];
  const near = new Map<string, number>();
  for (const { names } of [...places.values(), ...receivers])
    for (const name of names) {
      const distance = distanceOf(query, name);
      if (distance < Infinity) near.set(name.text, distance);
    }
  return [...near]
    .sort(([a, first], [b, second]) => first - second || compare(a, b))
    .slice(0, MAX_SUGGESTIONS)
    .map(([text]) => text);
}

/** In steps; less than one for a part of the other. Infinity: they are not alike. */
function distanceOf(query: Name, name: Name): number {
  if (name.key.includes(query.key)) return PART;
  if (name.key.length >= MIN_PART && query.key.includes(name.key)) return PART;
  return stepsBetween(query, name, Math.min(MAX_STEPS, Math.floor(query.key.length / STEP_EVERY)));
}
