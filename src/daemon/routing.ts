import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { DispatchError } from "../base/error.ts";
import type { Destination } from "../core/destination.ts";
import { FIT } from "../core/name-fit.ts";
import { queryOf } from "../core/query.ts";
import { placesCalled, routeByName, routeByPath, type Routing, suggestionsFor } from "../core/routing.ts";
import type { RouteAnswer, RouteCandidate } from "../protocol/routing.ts";
import type { Db } from "../sqlite/database.ts";
import { findTasks } from "../store/task.ts";
import { findWorkspaces } from "../store/workspace.ts";
import { findRepository } from "../workspaces/repository.ts";
import type { Parts } from "./parts.ts";

/** Candidates that an answer tells. */
const MAX_CANDIDATES = 10;

type Known = Pick<Parts, "ledger" | "projects" | "routing">;

/**
 * What a query means, looked for where it was not known yet. The decision can be asked for again, for what has happened
 * since: it waits for nothing.
 * @throws DispatchError `invalid` or `refused` for a path that cannot be worked in
 */
export async function findDestination(query: string, parts: Known): Promise<() => Routing> {
  const { projects, routing } = parts;
  if (/^(?:\/|~(?:\/|$))/.test(query)) {
    const path = await projects.openAllowed(query);
    const top = (await findRepository(path))?.root ?? path;
    const paths = [...new Set([path, top])];
    return () =>
      routeByPath(
        paths.map((each) => routing.placeAt(each)),
        routing.read(),
        Date.now(),
      );
  }
  await projects.ready();
  const decide = whileUnchanged(routing, () => routeAmongPresent(query, routing));
  if (isUnsure(decide())) await projects.again();
  return decide;
}

/** Nobody fits, or a session would be opened at a guess, which is looked at again: what fits better may be new. */
function isUnsure(routing: Routing): boolean {
  if (routing.kind !== "found") return routing.kind === "nothing";
  return routing.to.receiver === null && routing.to.fit < FIT.same;
}

/**
 * What names a workspace, with a project's name as its folder.
 * @throws DispatchError `ambiguous` for a name that several projects have, `not_found` for one that is nobody's
 */
export async function folderCalled(
  ref: string,
  { ledger: { db }, projects, routing }: Known,
): Promise<string> {
  if (isAbsolute(ref) || findWorkspaces(db, ref).length > 0) return ref;
  const found = await foldersCalled(ref, { projects, routing });
  const [first, ...rest] = found;
  if (first !== undefined && rest.length === 0) return first;
  const name = JSON.stringify(ref);
  if (first !== undefined)
    throw new DispatchError("ambiguous", `${name} means ${found.length} projects`, {
      candidates: found.toSorted(),
    });
  throw new DispatchError("not_found", `no workspace ${name}, and no project`, {
    hint: "dispatch projects",
    candidates: suggestionsFor(queryOf(ref), { ...routing.read(), receivers: [] }),
  });
}

/** The folders of the projects that are called like this. Where none is, they are searched for again. */
export async function foldersCalled(
  ref: string,
  { projects, routing }: Pick<Known, "projects" | "routing">,
): Promise<string[]> {
  await projects.ready();
  const called = () =>
    placesCalled(ref, routing.read().places.values())
      .map(({ path }) => path)
      .filter(isFolder);
  const found = called();
  return found.length > 0 || !(await projects.again()) ? found : called();
}

/** Decides again only when something has changed since. */
function whileUnchanged(index: Known["routing"], decide: () => Routing): () => Routing {
  let last: { routing: Routing; version: number } | null = null;
  return () => {
    if (last?.version !== index.version) last = { version: index.version, routing: decide() };
    return last.routing;
  };
}

/** Folders that are gone are passed over, with their sessions. */
function routeAmongPresent(query: string, index: Known["routing"]): Routing {
  const gone = new Set<string>();
  for (;;) {
    const found = routeByName(query, index.read(gone), Date.now());
    const lost = meant(found).filter(({ place }) => !isFolder(place.path));
    if (lost.length === 0) return found;
    for (const { place } of lost) gone.add(place.path);
  }
}

/** Those between which a person would have to decide. */
function meant(routing: Routing): readonly Destination[] {
  const count = routing.kind === "found" ? 1 : routing.kind === "ambiguous" ? routing.among : 0;
  return routing.ranked.slice(0, count);
}

/** What is told of a decision, without anything being done. */
export function plannedRoute(routing: Routing): RouteAnswer {
  return {
    verdict: verdictOf(routing),
    candidates: routing.ranked.slice(0, MAX_CANDIDATES).map(candidateOf),
    session: null,
    workspace: null,
    message: null,
    notices: [],
  };
}

/** The destination that is meant. @throws DispatchError `ambiguous` with the candidates, `not_found` with suggestions */
export function mustBeClear(routing: Routing, query: string, db: Db): Destination {
  const asked = JSON.stringify(query);
  switch (routing.kind) {
    case "found":
      return routing.to;
    case "ambiguous":
      throw new DispatchError("ambiguous", `${asked} can mean ${routing.among} of them`, {
        hint: "dispatch route <query> <message> --dry-run says why; name one of them more fully",
        candidates: meant(routing).slice(0, MAX_CANDIDATES).map(shown),
      });
    case "nothing": {
      const [task] = findTasks(db, query);
      const meant = routing.suggestions.length > 0 ? "; did you mean one of these?" : "";
      throw new DispatchError("not_found", `no session, task or repository ${asked}${meant}`, {
        hint: task ? `dispatch retry ${task.slug}` : "dispatch projects",
        candidates: [...routing.suggestions],
      });
    }
  }
}

function verdictOf(routing: Routing): RouteAnswer["verdict"] {
  switch (routing.kind) {
    case "found":
      return { kind: routing.to.receiver === null ? "first" : "session" };
    case "ambiguous":
      return { kind: "ambiguous", among: routing.among };
    case "nothing":
      return { kind: "nothing", suggestions: [...routing.suggestions] };
  }
}

function candidateOf({ place, receiver, by, called, fit, lean, because }: Destination): RouteCandidate {
  const placeName = by === "place" ? called : place.names[0]!;
  return {
    name: (receiver?.names[0] ?? placeName).text,
    session: receiver?.id ?? null,
    task: receiver?.task ?? null,
    path: place.path,
    fit,
    lean,
    because: [...because],
  };
}

function shown(destination: Destination): string {
  const { name, session, task, path } = candidateOf(destination);
  const what = task ? "task" : session ? `session ${session}` : "no session yet";
  return `${name} in ${path}, ${what}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
