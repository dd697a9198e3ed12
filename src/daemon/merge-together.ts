import { DispatchError } from "../base/error.ts";
import { fileBelow } from "../core/place.ts";
import type { MergeResult, PlaceMerge } from "../protocol/change.ts";
import {
  checkLanding,
  join,
  type Joined,
  land,
  type MergeConflict,
  type MergeRequest,
  mergeResult,
  type NotJoined,
} from "../workspaces/merge.ts";

/** The worktree of a task in one of its repositories, and how it is merged there. */
export interface MergePart {
  readonly name: string;
  readonly request: MergeRequest;
}

/** A part, and what came of putting it on top of its target. */
export type JoinedPart<P extends MergePart = MergePart> = P & { readonly joined: Joined | NotJoined };
/** One that can land. */
export type LandingPart<P extends MergePart = MergePart> = P & { readonly joined: Joined };

/** Puts each part on top of its target; no target changes. @throws DispatchError as `join` */
export function joinAll<P extends MergePart>(parts: readonly P[]): Promise<JoinedPart<P>[]> {
  return Promise.all(parts.map(async (part) => ({ ...part, joined: await join(part.request) })));
}

/** The first part whose work conflicts with its target; null: none does. */
export function conflictAmong<P extends MergePart>(
  parts: readonly JoinedPart<P>[],
): (P & { readonly joined: MergeConflict }) | null {
  for (const part of parts) if (part.joined.outcome === "conflict") return { ...part, joined: part.joined };
  return null;
}

/** Those that have something to land. */
export function landingAmong<P extends MergePart>(parts: readonly JoinedPart<P>[]): LandingPart<P>[] {
  return parts.flatMap((part) =>
    part.joined.outcome === "joined" ? [{ ...part, joined: part.joined }] : [],
  );
}

/**
 * Lands all parts, one after the other, when each of them can: git moves no two repositories at once. What has landed
 * stays, and a repeat finds it merged.
 * @param landed is called after each
 * @throws DispatchError as `land`; where some have landed it names them and the one that did not
 */
export async function landAll<P extends MergePart>(
  parts: readonly LandingPart<P>[],
  landed: (part: LandingPart<P>) => void,
): Promise<void> {
  for (const { request, joined } of parts) await checkLanding(request, joined);
  for (const [at, part] of parts.entries()) {
    try {
      await land(part.request, part.joined);
    } catch (error) {
      throw at === 0 || !(error instanceof DispatchError) ? error : landedInPart(parts, at, error);
    }
    landed(part);
  }
}

/** Merges all parts, or none where one conflicts. @throws DispatchError as `landAll` */
export async function mergeTogether<P extends MergePart>(
  parts: readonly P[],
  landed: (part: P) => void,
): Promise<PlaceMerge[]> {
  const joined = await joinAll(parts);
  const isHeld = conflictAmong(joined) !== null;
  if (!isHeld) await landAll(landingAmong(joined), landed);
  return joined.map((part) => ({
    name: part.name,
    target: part.request.into,
    merge:
      isHeld && part.joined.outcome === "joined"
        ? { outcome: "held" }
        : mergeResult(part.request, part.joined),
  }));
}

/** What became of a task as a whole, with the files of each repository below its name. */
export function wholeOf(places: readonly PlaceMerge[]): MergeResult {
  const conflict = places.find(({ merge }) => merge.outcome === "conflict");
  if (conflict?.merge.outcome === "conflict") {
    const conflicts = places.flatMap(({ name, merge }) =>
      merge.outcome === "conflict" ? merge.conflicts.map((path) => `${name}/${path}`) : [],
    );
    return { ...conflict.merge, conflicts };
  }
  const merged = places.flatMap(({ name, merge }) =>
    merge.outcome === "merged" ? [{ ...merge, files: merge.files.map((file) => fileBelow(name, file)) }] : [],
  );
  if (merged.length > 0)
    return { outcome: "merged", commit: merged[0]!.commit, files: merged.flatMap(({ files }) => files) };
  const [already] = places.flatMap(({ merge }) => (merge.outcome === "already-merged" ? [merge] : []));
  return already ?? { outcome: "nothing" };
}

function landedInPart(parts: readonly LandingPart[], at: number, error: DispatchError): DispatchError {
  const name = ({ name, request }: MergePart) => `${name} (${request.into})`;
  const done = parts.slice(0, at).map(name).join(", ");
  const left = parts.slice(at + 1).map(name);
  const rest = left.length === 0 ? "" : `, nor ${left.join(", ")}`;
  const message = `${done} is merged, ${name(parts[at]!)} is not${rest}: ${error.message}`;
  return new DispatchError(error.code, message, { hint: error.hint, cause: error });
}
