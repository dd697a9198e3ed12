import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Reason } from "../protocol/routing.ts";
import { FIT, type FitKind, fitOf, type Name, nameOf, typoOf } from "./name-fit.ts";
import { mentions, type Named, type Naming, namings, withoutParts } from "./naming.ts";
import { coverage, type Query, termsOf } from "./query.ts";

/** A folder where work can be sent, by the names it goes by; `usedAt` is null where nothing has run in it. */
export interface Place extends Named {
  readonly trail: Name;
  readonly path: string;
  readonly usedAt: number | null;
}

/**
 * A session that can be told something, by its own name and its task's. `about` are the words of what it was asked, of
 * its names and of its folder's, between spaces; `repository` is the top of the one that its folder is only a part of.
 */
export interface Listener extends Named {
  readonly id: SessionId;
  readonly task: TaskId | null;
  readonly about: string;
  readonly path: string;
  readonly repository: string | null;
  /** Its agent was started by somebody else, and may be out of reach. */
  readonly isOutside: boolean;
  readonly usedAt: number;
}

/** Everything that a message can be sent to. Every listener's path is a place. */
export interface Routable {
  readonly places: ReadonlyMap<string, Place>;
  readonly listeners: Iterable<Listener>;
}

/**
 * Somewhere that a query may mean; without a listener it is a place that has none yet. `fit` says how well the query
 * names it; `lean` decides between those that it names alike. `called` is the name that was meant.
 */
export interface Destination {
  readonly place: Place;
  readonly listener: Listener | null;
  readonly by: "place" | "name" | "text";
  readonly called: Name;
  readonly fit: number;
  readonly lean: number;
  readonly because: readonly Reason[];
}

/** What a text brings that has some or all terms of a query: less than a name that is spelled right. */
const TEXT = { least: 20, most: 50, nearShare: 1 / 3 } as const;
/** What a sentence brings that names a session and its repository, beyond naming one of them. */
const BOTH_NAMED = 12;
/** Between those that are named alike. A task's worker has its own work: it is meant by its own name or text alone. */
const LEAN = { named: 60, task: 40, about: 60, unnamed: 20, here: 10, ours: 10 } as const;

const HOUR_MS = 60 * 60 * 1_000;
const RECENT = [
  { withinMs: HOUR_MS, points: 15, what: "used within the hour" },
  { withinMs: 24 * HOUR_MS, points: 5, what: "used within a day" },
] as const;

const WHY: Readonly<Record<FitKind, string>> = {
  exact: "is called that",
  same: "is called that",
  mentioned: "is mentioned",
  word: "has it as a word of its name",
  begins: "has a name that begins with it",
  ends: "has a name that ends with it",
  typo: "has a name that is nearly that",
  wordTypo: "has a word in its name that is nearly that",
  typos: "has a name that is nearly that",
};

/** Everywhere that a query may mean, in no order; nowhere twice. */
export function destinations(query: Query, routable: Routable, now: number): Destination[] {
  const { places, listeners } = routable;
  const placed = namings(query, places.values(), fitOf);
  const named = namings(query, listeners, fitOf);
  const mentioned = [...new Set([...mentions(placed), ...mentions(named)])];
  const found = expand(
    { placed: withoutParts(query, placed, mentioned), named: withoutParts(query, named, mentioned) },
    routable,
    now,
  );
  if (found.some(({ fit }) => fit >= FIT.ends)) return best(found);
  const typed = {
    placed: namings(query, places.values(), typoOf),
    named: namings(query, listeners, typoOf),
  };
  return best([...found, ...expand(typed, routable, now), ...byText(query, routable, now)]);
}

/** The sessions whose id, or whose task's, begins like this; null for what is no id, or the beginning of nobody's. */
export function destinationsById(
  text: string,
  { places, listeners }: Routable,
  now: number,
): Destination[] | null {
  if (!/^(?:ses|tsk)_../.test(text)) return null;
  const found = [...listeners].filter(({ id, task }) => id.startsWith(text) || task?.startsWith(text));
  const reasons = [{ points: FIT.exact, what: "it is its id" }];
  const called = nameOf(text);
  return found.length === 0
    ? null
    : found.map((listener) => {
        const place = places.get(listener.path)!;
        return made({ place, listener, by: "name", called }, reasons, recency(listener.usedAt, now));
      });
}

/** A place that is meant for sure, or the sessions in it. */
export function destinationsAt(place: Place, routable: Routable, now: number): Destination[] {
  const naming: Naming<Place> = {
    of: place,
    name: place.names[0]!,
    kind: "exact",
    fit: FIT.exact,
    terms: [],
  };
  return expand({ placed: [naming], named: [] }, routable, now);
}

/** How much one that was used then is preferred to one that was not. */
export function recency(usedAt: number | null, now: number): Reason[] {
  const recent = RECENT.find(({ withinMs }) => usedAt !== null && now - usedAt < withinMs);
  return recent ? [{ points: recent.points, what: recent.what }] : [];
}

interface Found {
  readonly placed: readonly Naming<Place>[];
  readonly named: readonly Naming<Listener>[];
}

function expand({ placed, named }: Found, { places, listeners }: Routable, now: number): Destination[] {
  const mentioned = new Map(
    placed.filter(({ kind }) => kind === "mentioned").map(({ of, name }) => [of.path, name.key]),
  );
  const sessions = sessionsIn(new Set(placed.map(({ of }) => of.path)), listeners);
  return [
    ...named.map((naming) => {
      const place = places.get(naming.of.path)!;
      return byName(naming, place, { mentioned: mentioned.get(place.path), now });
    }),
    ...placed.flatMap((naming) => byPlace(naming, sessions.get(naming.of.path) ?? [], now)),
  ];
}

/** The sessions in each of these folders. */
function sessionsIn(paths: ReadonlySet<string>, listeners: Iterable<Listener>): Map<string, Listener[]> {
  const found = new Map<string, Listener[]>();
  if (paths.size === 0) return found;
  const add = (path: string | null, listener: Listener) => {
    if (path === null || !paths.has(path)) return;
    const there = found.get(path);
    if (there) there.push(listener);
    else found.set(path, [listener]);
  };
  for (const listener of listeners) {
    add(listener.path, listener);
    if (listener.repository !== listener.path) add(listener.repository, listener);
  }
  return found;
}

function byName(
  { of, name, kind, fit }: Naming<Listener>,
  place: Place,
  { mentioned, now }: { mentioned: string | undefined; now: number },
): Destination {
  const noun = of.task === null ? "the session" : "the task";
  const both = kind === "mentioned" && mentioned !== undefined && mentioned !== name.key;
  const reasons = [{ points: fit, what: `${noun} ${WHY[kind]}` }];
  if (both) reasons.push({ points: BOTH_NAMED, what: "so is its repository" });
  const own =
    of.task === null
      ? { points: LEAN.named, what: "by its own name" }
      : { points: LEAN.task, what: "by its task's name" };
  return made({ place, listener: of, by: "name", called: name }, reasons, [own, ...recency(of.usedAt, now)]);
}

function byPlace(naming: Naming<Place>, sessions: readonly Listener[], now: number): Destination[] {
  const { of: place, name: called, kind, fit, terms } = naming;
  const reasons = [{ points: fit, what: `the repository ${WHY[kind]}` }];
  const found = sessions.flatMap((listener) => {
    const share = coverage(terms, listener.about);
    if (listener.task !== null && share === 0) return [];
    return made(
      { place, listener, by: "place", called },
      reasons,
      leaningOf(listener, { place, share, now }),
    );
  });
  if (found.some(({ listener }) => listener!.task === null)) return found;
  const first = made({ place, listener: null, by: "place", called }, reasons, recency(place.usedAt, now));
  return [...found, first];
}

/** Those that are about the most of it, and not much less. */
function byText(query: Query, { places, listeners }: Routable, now: number): Destination[] {
  const terms = termsOf(query.whole);
  const about: { listener: Listener; share: number }[] = [];
  for (const listener of listeners) {
    const share = coverage(terms, listener.about);
    if (share > 0) about.push({ listener, share });
  }
  const most = about.reduce((most, { share }) => Math.max(most, share), 0);
  return about
    .filter(({ share }) => most - share <= TEXT.nearShare)
    .map(({ listener, share }) => {
      const place = places.get(listener.path)!;
      const points = TEXT.least + Math.round((TEXT.most - TEXT.least) * share);
      const noun = listener.task === null ? "the session" : "the task";
      const reasons = [{ points, what: `${noun} is about ${Math.round(share * 100)}% of it` }];
      const leaning = leaningOf(listener, { place, share, now });
      return made({ place, listener, by: "text", called: query.whole }, reasons, leaning);
    });
}

/** What speaks for one of the sessions of a place; `share` is that of the query's terms which it is about. */
function leaningOf(
  { names, path, isOutside, usedAt }: Listener,
  { place, share, now }: { place: Place; share: number; now: number },
): Reason[] {
  return [
    ...(share > 0 ? [{ points: Math.round(LEAN.about * share), what: "it is about the rest" }] : []),
    ...(names.length === 0 ? [{ points: LEAN.unnamed, what: "it is the one without a name" }] : []),
    ...(path === place.path ? [{ points: LEAN.here, what: "it works at the top" }] : []),
    ...(isOutside ? [] : [{ points: LEAN.ours, what: "it is run by Dispatch" }]),
    ...recency(usedAt, now),
  ];
}

function made(
  where: Pick<Destination, "place" | "listener" | "by" | "called">,
  reasons: readonly Reason[],
  leaning: readonly Reason[],
): Destination {
  return { ...where, fit: sum(reasons), lean: sum(leaning), because: [...reasons, ...leaning] };
}

function sum(reasons: readonly Reason[]): number {
  return reasons.reduce((total, { points }) => total + points, 0);
}

/** What was found in more than one way, by the one that speaks most for it. */
function best(found: readonly Destination[]): Destination[] {
  const kept = new Map<string, Destination>();
  for (const each of found) {
    const key = each.listener?.id ?? each.place.path;
    const other = kept.get(key);
    if (!other || each.fit > other.fit || (each.fit === other.fit && each.lean > other.lean))
      kept.set(key, each);
  }
  return [...kept.values()];
}
