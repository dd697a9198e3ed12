import { globsOverlap, matchesGlob } from "./globs.ts";

/** A task that works in a checkout which it shares. */
export interface Tenant {
  readonly id: string;
  readonly slug: string;
  /** The top of the checkout. */
  readonly root: string;
  /** Its boundary as globs below the top; none: it may write everywhere. */
  readonly owns: readonly string[];
  readonly readOnly: boolean;
}

/** Why two tasks should not work in one checkout at the same time; null: they may. */
export type Clash =
  | { readonly kind: "overlap"; readonly own: string; readonly theirs: string }
  | { readonly kind: "unbounded" };

/** What two tasks that may run at once do to each other. */
export function clashOf(one: Tenant, other: Tenant): Clash | null {
  if (one.root !== other.root || one.readOnly || other.readOnly) return null;
  if (one.owns.length === 0 || other.owns.length === 0) return { kind: "unbounded" };
  for (const own of one.owns)
    for (const theirs of other.owns) if (globsOverlap(own, theirs)) return { kind: "overlap", own, theirs };
  return null;
}

/** Whether a boundary holds a path; no globs are no boundary. */
export function isWithin(path: string, owns: readonly string[]): boolean {
  return owns.length === 0 || owns.some((glob) => matchesGlob(path, glob));
}
