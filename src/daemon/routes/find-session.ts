import { DispatchError } from "../../base/error.ts";
import { nameOf } from "../../core/session.ts";
import type { Session } from "../../protocol/session.ts";
import type { Db } from "../../sqlite/database.ts";
import { findSessions, getSession } from "../../store/session.ts";
import { findTasks } from "../../store/task.ts";
import type { Parts } from "../parts.ts";

/**
 * The one session that a name, an id or a unique prefix of one means; else the one in which the task of that slug runs.
 * @throws DispatchError `not_found`, or `ambiguous` with the candidates
 */
export function mustFindSession(db: Db, ref: string): Session {
  const named = findSessions(db, ref);
  const found = named.length > 0 ? named : ofTasks(db, ref);
  const [first, ...rest] = found;
  if (!first)
    throw new DispatchError("not_found", `no session ${JSON.stringify(ref)}`, { hint: "dispatch sessions" });
  if (rest.length === 0) return first;
  throw new DispatchError("ambiguous", `${JSON.stringify(ref)} means ${found.length} sessions`, {
    hint: "give the whole id",
    candidates: found.map((session) => `${session.id} ${nameOf(session)} in ${session.folder}`),
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
  throw new DispatchError("conflict", `${session.id} belongs to a task, which has its own commands`, {
    hint: `dispatch status ${session.task}`,
  });
}

function ofTasks(db: Db, ref: string): Session[] {
  return findTasks(db, ref).flatMap((task) => (task.session && getSession(db, task.session)) ?? []);
}
