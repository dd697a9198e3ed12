import { basename } from "node:path";
import { DispatchError } from "../../base/error.ts";
import { hasAgent } from "../../core/run.ts";
import { nameOf } from "../../core/session.ts";
import type { Session } from "../../protocol/session.ts";
import type { Db } from "../../sqlite/database.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import { MAX_CANDIDATES } from "../../store/document.ts";
import { findSessions, getSession, sessionsIn } from "../../store/session.ts";
import { findTasks, getTask } from "../../store/task.ts";
import { listWorkspaces } from "../../store/workspace.ts";
import type { Parts } from "../parts.ts";
import { calledIn, workspacesCalled } from "../workspace.ts";

/**
 * The one session that a name, an id or a unique prefix of one means; else the one in which the task of that slug runs;
 * else the one of the workspace that is called so, or of the folder.
 * @throws DispatchError `not_found`, or `ambiguous` with the candidates
 */
export function mustFindSession(db: Db, ref: string): Session {
  const found = [findSessions, ofTasks, ofPlaces].reduce<Session[]>(
    (before, find) => (before.length > 0 ? before : find(db, ref)),
    [],
  );
  const [first, ...rest] = found;
  if (!first)
    throw new DispatchError("not_found", `no session ${JSON.stringify(ref)}`, { hint: "dispatch sessions" });
  if (rest.length === 0) return first;
  throw new DispatchError("ambiguous", `${JSON.stringify(ref)} means ${found.length} sessions`, {
    hint: "give the whole id",
    candidates: found
      .slice(0, MAX_CANDIDATES)
      .map((each) => `${each.id} ${calledIn(db, each)}: ${each.status.state}, in ${each.folder}`),
    ref,
  });
}

/** The same for those who ask what it does: of an agent outside that is looked at first. @throws DispatchError as it */
export async function mustFindSessionNow({ ledger, outside }: Parts, ref: string): Promise<Session> {
  const [first, ...rest] = findSessions(ledger.db, ref);
  if (first?.outside === null && rest.length === 0) return first;
  await outside.look();
  return mustFindSession(ledger.db, ref);
}

/** The same without a task's, which end with their task, and without those outside. @throws DispatchError `conflict` */
export function mustFindOwnSession(db: Db, ref: string): Session {
  const session = mustFindSession(db, ref);
  if (session.outside !== null)
    throw new DispatchError(
      "conflict",
      `${nameOf(session)} was started outside of Dispatch, which cannot do that`,
      {
        hint: `dispatch tell ${session.id} <message>`,
      },
    );
  if (session.task === null) return session;
  const { slug } = getTask(db, session.task)!;
  throw new DispatchError("conflict", `this is the session of the task ${slug}, which has its own commands`, {
    hint: `dispatch status ${slug}, or to end it dispatch cancel ${slug}`,
  });
}

/** Of a place's sessions the first one, which needs no name, or else the one that runs; all of them where neither says. */
function ofPlaces(db: Db, ref: string): Session[] {
  const all = placesCalled(db, ref).flatMap(({ id }) => sessionsIn(db, id));
  const ours = all.filter(({ outside }) => outside === null);
  const unnamed = ours.filter(({ name }) => name === null);
  const ways = [unnamed, unnamed.filter(hasAgent), ours.filter(hasAgent), ours, all];
  return ways.find(({ length }) => length === 1) ?? all;
}

/** The workspaces of that name, or path, or else those whose folder is called so. */
function placesCalled(db: Db, ref: string): Workspace[] {
  const named = workspacesCalled(db, ref);
  return named.length > 0 ? named : listWorkspaces(db).filter(({ path }) => basename(path) === ref);
}

function ofTasks(db: Db, ref: string): Session[] {
  return findTasks(db, ref).flatMap((task) => (task.session && getSession(db, task.session)) ?? []);
}
