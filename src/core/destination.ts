import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Reason } from "../protocol/routing.ts";
import { leaningByName, leaningIn, recency } from "./leaning.ts";
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
export interface Receiver extends Named {
  readonly id: SessionId;
  readonly task: TaskId | null;
  readonly about: string;
  readonly path: string;
  readonly repository: string | null;
  /** Its agent was started by somebody else, and may be out of reach. */
  readonly isOutside: boolean;
  readonly usedAt: number;
}

/** Everything that a message can be sent to. Every receiver's path is a place. */
export interface Routable {
  readonly places: ReadonlyMap<string, Place>;
  readonly receivers: Iterable<Receiver>;
}

/**
 * Somewhere that a query may mean; without a receiver it is a place that has none yet. `fit` says how well the query
 * names it; `lean` decides between those that it names alike. `called` is the name that was meant.
 */
export interface Destination {
  readonly place: Place;
  readonly receiver: Receiver | null;
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
  const { places, receivers } = routable;
  const placed = namings(query, places.values(), fitOf);
  const named = namings(query, receivers, fitOf);
  const mentioned = [...new Set([...mentions(placed), ...mentions(named)])];
  const found = expand(
    { placed: withoutParts(query, placed, mentioned), named: withoutParts(query, named, mentioned) },
    routable,
    now,
  );
  if (found.some(({ fit }) => fit >= FIT.ends)) return best(found);
  const typed = {
    placed: namings(query, places.values(), typoOf),
    named: namings(query, receivers, typoOf),
  };
  return best([...found, ...expand(typed, routable, now), ...byText(query, routable, now)]);
}

/** The sessions whose id, or whose task's, begins like this; null for what is no id, or the beginning of nobody's. */
export function destinationsById(
  text: string,
  { places, receivers }: Routable,
  now: number,
): Destination[] | null {
  if (!/^(?:ses|tsk)_../.test(text)) return null;
  const found = [...receivers].filter(({ id, task }) => id.startsWith(text) || task?.startsWith(text));
  const reasons = [{ points: FIT.exact, what: "it is its id" }];
  const called = nameOf(text);
  return found.length === 0
    ? null
    : found.map((receiver) => {
        const place = places.get(receiver.path)!;
        return made({ place, receiver, by: "name", called }, reasons, recency(receiver.usedAt, now));
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

interface Found {
  readonly placed: readonly Naming<Place>[];
  readonly named: readonly Naming<Receiver>[];
}

function expand({ placed, named }: Found, { places, receivers }: Routable, now: number): Destination[] {
  const mentioned = new Map(
    placed.filter(({ kind }) => kind === "mentioned").map(({ of, name }) => [of.path, name.key]),
  );
  const sessions = sessionsIn(new Set(placed.map(({ of }) => of.path)), receivers);
  return [
    ...named.map((naming) => {
      const place = places.get(naming.of.path)!;
      return byName(naming, place, { mentioned: mentioned.get(place.path), now });
    }),
    ...placed.flatMap((naming) => byPlace(naming, sessions.get(naming.of.path) ?? [], now)),
  ];
}

/** The sessions in each of these folders. */
function sessionsIn(paths: ReadonlySet<string>, receivers: Iterable<Receiver>): Map<string, Receiver[]> {
  const found = new Map<string, Receiver[]>();
  if (paths.size === 0) return found;
  const add = (path: string | null, receiver: Receiver) => {
    if (path === null || !paths.has(path)) return;
    const there = found.get(path);
    if (there) there.push(receiver);
    else found.set(path, [receiver]);
  };
  for (const receiver of receivers) {
    add(receiver.path, receiver);
    if (receiver.repository !== receiver.path) add(receiver.repository, receiver);
  }
  return found;
}

function byName(
  { of, name, kind, fit }: Naming<Receiver>,
  place: Place,
  { mentioned, now }: { mentioned: string | undefined; now: number },
): Destination {
  const noun = of.task === null ? "the session" : "the task";
  const both = kind === "mentioned" && mentioned !== undefined && mentioned !== name.key;
  const reasons = [{ points: fit, what: `${noun} ${WHY[kind]}` }];
  if (both) reasons.push({ points: BOTH_NAMED, what: "so is its repository" });
  return made({ place, receiver: of, by: "name", called: name }, reasons, leaningByName(of, now));
}

function byPlace(naming: Naming<Place>, sessions: readonly Receiver[], now: number): Destination[] {
  const { of: place, name: called, kind, fit, terms } = naming;
  const reasons = [{ points: fit, what: `the repository ${WHY[kind]}` }];
  const found = sessions.flatMap((receiver) => {
    const share = coverage(terms, receiver.about);
    if (receiver.task !== null && share === 0) return [];
    const leaning = leaningIn(place, receiver, { share, now });
    return made({ place, receiver, by: "place", called }, reasons, leaning);
  });
  if (found.some(({ receiver }) => receiver!.task === null)) return found;
  const first = made({ place, receiver: null, by: "place", called }, reasons, recency(place.usedAt, now));
  return [...found, first];
}

/** Those that are about the most of it, and not much less. */
function byText(query: Query, { places, receivers }: Routable, now: number): Destination[] {
  const terms = termsOf(query.whole);
  const about: { receiver: Receiver; share: number }[] = [];
  for (const receiver of receivers) {
    const share = coverage(terms, receiver.about);
    if (share > 0) about.push({ receiver, share });
  }
  const most = about.reduce((most, { share }) => Math.max(most, share), 0);
  return about
    .filter(({ share }) => most - share <= TEXT.nearShare)
    .map(({ receiver, share }) => {
      const place = places.get(receiver.path)!;
      const points = TEXT.least + Math.round((TEXT.most - TEXT.least) * share);
      const noun = receiver.task === null ? "the session" : "the task";
      const reasons = [{ points, what: `${noun} is about ${Math.round(share * 100)}% of it` }];
      const leaning = leaningIn(place, receiver, { share, now });
      return made({ place, receiver, by: "text", called: query.whole }, reasons, leaning);
    });
}

function made(
  where: Pick<Destination, "place" | "receiver" | "by" | "called">,
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
    const key = each.receiver?.id ?? each.place.path;
    const other = kept.get(key);
    if (!other || each.fit > other.fit || (each.fit === other.fit && each.lean > other.lean))
      kept.set(key, each);
  }
  return [...kept.values()];
}
