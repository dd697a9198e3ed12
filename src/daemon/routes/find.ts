import { DispatchError } from "../../base/error.ts";
import { quote } from "../../core/quote.ts";
import type { Sweep } from "../../protocol/sweep.ts";
import type { Task } from "../../protocol/task.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import type { Db } from "../../sqlite/database.ts";
import { findSweeps, getSweep, tasksOfSweep } from "../../store/sweep.ts";
import { findTasks } from "../../store/task.ts";
import { getWorkspace } from "../../store/workspace.ts";

/**
 * The one task that a slug, an id or a unique prefix of one names. A slug that several tasks had means the newest in
 * its workspace; of several workspaces, the one that the caller stands in.
 * @throws DispatchError `not_found`, or `ambiguous` with the candidates
 */
export function mustFindTask(db: Db, ref: string, from: string | null): Task {
  const found = findTasks(db, ref);
  const [sweep] = found.length === 0 ? findSweeps(db, ref) : [];
  if (sweep) throw aSweep(db, ref, sweep);
  return onlyOne(db, found, { ref, from, noun: "task" });
}

/** The one sweep that a slug, an id or a unique prefix of one names, as with tasks. @throws DispatchError as there */
export function mustFindSweep(db: Db, ref: string, from: string | null): Sweep {
  const found = findSweeps(db, ref);
  const [task] = found.length === 0 ? findTasks(db, ref) : [];
  if (task) throw aTask(db, ref, task);
  return onlyOne(db, found, { ref, from, noun: "sweep" });
}

function onlyOne<T extends Task | Sweep>(
  db: Db,
  found: T[],
  { ref, from, noun }: { ref: string; from: string | null; noun: string },
): T {
  const here = found.filter((each) => from !== null && isWithin(from, workspaceOf(db, each).path));
  const [first, ...rest] = here.length === 1 ? here : found;
  if (!first) throw noSuch(noun, ref, `dispatch ${noun}s`);
  if (rest.length === 0) return first;
  throw new DispatchError("ambiguous", `${JSON.stringify(ref)} means ${found.length} ${noun}s`, {
    hint: "give the whole id",
    candidates: found.map((each) => `${each.id} ${each.slug} in ${workspaceOf(db, each).path}`),
  });
}

function isWithin(folder: string, path: string): boolean {
  return folder === path || folder.startsWith(path.endsWith("/") ? path : `${path}/`);
}

export function workspaceOf(db: Db, { workspace }: Pick<Task | Sweep, "workspace">): Workspace {
  return getWorkspace(db, workspace)!;
}

/**
 * The one thing that a reference names, of those that were found by it. `list` is the command that shows all of them.
 * @throws DispatchError `not_found`, or `ambiguous` with the candidates as `shown` has them
 */
export function only<T extends { id: string }>(
  found: readonly T[],
  ref: string,
  { noun, list, shown = ({ id }) => id }: { noun: string; list: string; shown?: (each: T) => string },
): T {
  const [first, ...rest] = found;
  if (!first) throw noSuch(noun, ref, list);
  if (rest.length === 0) return first;
  throw new DispatchError("ambiguous", `${JSON.stringify(ref)} can mean several ${noun}s`, {
    candidates: found.map(shown),
  });
}

/** Some commands take one task only: its name is to be found. */
function aSweep(db: Db, ref: string, { id }: Sweep): DispatchError {
  return new DispatchError("not_found", `${JSON.stringify(ref)} is a sweep: name one of its tasks`, {
    hint: `dispatch status ${quote(ref)}`,
    candidates: tasksOfSweep(db, id).map(({ slug }) => slug),
  });
}

/** And some one sweep. */
function aTask(db: Db, ref: string, { sweep: of }: Task): DispatchError {
  const sweep = of && getSweep(db, of);
  return new DispatchError("not_found", `${JSON.stringify(ref)} is a task, and no sweep`, {
    hint: `dispatch status ${sweep ? sweep.slug : ref}`,
  });
}

function noSuch(noun: string, ref: string, list: string): DispatchError {
  return new DispatchError("not_found", `no ${noun} ${JSON.stringify(ref)}`, { hint: list });
}

/**
 * Which of several things that wait is meant: the one that `ref` begins the id of, or the only one.
 * @throws DispatchError `not_found`, or `ambiguous` with the candidates
 */
export function pick<T extends { id: string }>(
  all: readonly T[],
  ref: string | undefined,
  { noun, open }: { noun: string; open: (each: T) => boolean },
): T {
  const named = ref === undefined ? all.filter(open) : all.filter(({ id }) => id.startsWith(ref));
  const [first, ...rest] = named;
  if (first && rest.length === 0) return first;
  if (!first)
    throw new DispatchError("not_found", ref ? `no ${noun} ${ref}` : `no ${noun} is open`, {
      hint: "dispatch inbox",
    });
  throw new DispatchError("ambiguous", `${named.length} ${noun}s are open: say which`, {
    candidates: named.map(({ id }) => id),
  });
}

/**
 * The place where a page goes on, which is an id that an earlier one ended with.
 * @throws DispatchError `invalid` for one that names nothing: an empty page would say that there is no more
 */
export function checkBefore(before: string | undefined, isThere: (id: string) => boolean): void {
  if (before === undefined || isThere(before)) return;
  throw new DispatchError(
    "invalid",
    `no page ends with ${JSON.stringify(before)}: give the next of the page before, or leave before out for the first`,
  );
}
