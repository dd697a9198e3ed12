import { type Asked, FIT, type FitKind, fitOf, type Name } from "./name-fit.ts";
import { type Query, type Span, termsOf } from "./query.ts";
import { FILLERS } from "./slug.ts";

/** Something that goes by names; by the end of its path, too, where it has one. */
export interface Named {
  readonly names: readonly Name[];
  readonly trail?: Name;
}

/** That a query names something: by which of its names, how well, and the terms that say the rest. */
export interface Naming<T extends Named> {
  readonly of: T;
  readonly name: Name;
  readonly kind: FitKind;
  readonly fit: number;
  readonly terms: readonly string[];
}

type Fitting = (query: Asked, name: Name) => FitKind | null;

/** What stands before a colon is a name only if nobody is called like the whole. */
const HEAD_LOSS = 12;
/** A name that is shorter is a letter like any other in a sentence. */
const MIN_MENTION = 2;

/** Those of `all` that the query names, each by the name that fits best; `fitting` says what fits. */
export function namings<T extends Named>(query: Query, all: Iterable<T>, fitting: Fitting): Naming<T>[] {
  const found: Naming<T>[] = [];
  for (const each of all) {
    let best = fitting === fitOf ? trailed(query.whole, each) : null;
    for (const name of each.names) {
      const naming = namingOf(query, each, name, fitting);
      if (naming && naming.fit > (best?.fit ?? 0)) best = naming;
    }
    if (best) found.push(best);
  }
  return found;
}

/** `work/api` means the `api` in a folder `work`. */
function trailed<T extends Named>(whole: Name, of: T): Naming<T> | null {
  const { trail, names } = of;
  const last = names[0];
  if (!trail || !last || whole.words.length <= last.words.length || !trail.words.endsWith(whole.words))
    return null;
  const kind = trail.text.endsWith(`/${whole.text}`) ? "exact" : "same";
  return { of, name: last, kind, fit: FIT[kind], terms: [] };
}

function namingOf<T extends Named>(query: Query, of: T, name: Name, fitting: Fitting): Naming<T> | null {
  const { whole, head, rest } = query;
  const kind = fitting(whole, name);
  if (kind) return { of, name, kind, fit: FIT[kind], terms: [] };
  const headKind = head && fitting(head, name);
  if (headKind) return { of, name, kind: headKind, fit: FIT[headKind] - HEAD_LOSS, terms: termsOf(rest) };
  if (fitting !== fitOf || !isMentioned(query, name)) return null;
  return { of, name, kind: "mentioned", fit: FIT.mentioned, terms: termsOf(whole, name) };
}

function isMentioned({ whole, spoken }: Query, { key, letters }: Name): boolean {
  if ((letters & ~whole.letters) !== 0 || key.length < MIN_MENTION) return false;
  return spoken.has(key) && !FILLERS.has(key);
}

/** The names that a query mentions, by their keys. */
export function mentions(found: readonly Naming<Named>[]): string[] {
  return found.filter(({ kind }) => kind === "mentioned").map(({ name }) => name.key);
}

/** Without what is mentioned only as a part of a longer name that is mentioned: `api` in "fix the api client". */
export function withoutParts<T extends Named>(
  { spoken }: Query,
  found: readonly Naming<T>[],
  mentioned: readonly string[],
): Naming<T>[] {
  const spans = mentioned.flatMap((key) => spoken.get(key) ?? []);
  return found.filter(
    ({ kind, name }) =>
      kind !== "mentioned" || spoken.get(name.key)!.some((span) => !spans.some((each) => holds(each, span))),
  );
}

function holds(outer: Span, inner: Span): boolean {
  return outer.from <= inner.from && inner.to <= outer.to && outer.to - outer.from > inner.to - inner.from;
}
