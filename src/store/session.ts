import type { SessionId, TaskId, WorkspaceId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import type { Db, Parameters } from "../sqlite/database.ts";
import { findDocuments, MAX_CANDIDATES, readDocument, readDocuments, saveDocument } from "./document.ts";

const LIVE = "('starting', 'ready', 'busy', 'stopping')";
/** A session whose agent was started by Dispatch. */
const OURS = "session.origin <> 'external'";

export function saveSession(db: Db, session: Session): void {
  saveDocument(db, "session", session);
}

export function getSession(db: Db, id: SessionId): Session | null {
  return readDocument(db, "SELECT body FROM session WHERE id = $id", { id });
}

/** The sessions that `ref` can mean: a name, an id, or the prefix of one. Deleted ones are not meant. */
export function findSessions(db: Db, ref: string): Session[] {
  const named = readDocuments<Session>(
    db,
    `SELECT body FROM session WHERE name = $ref AND name IS NOT NULL AND NOT deleted
     ORDER BY place DESC LIMIT ${MAX_CANDIDATES}`,
    { ref },
  );
  const found = named.length > 0 ? named : findDocuments<Session>(db, "session", ref);
  return found.filter(({ deletedAt }) => deletedAt === null);
}

/** `state`: one of them, `live` for those that have an agent, `open` for those and what a person can go on with, or all. */
export interface SessionPage {
  limit: number;
  before?: string | undefined;
  state: Session["status"]["state"] | "live" | "open" | "all";
  origin?: Session["origin"] | undefined;
  workspace?: WorkspaceId | undefined;
}

/** A page of sessions, newest first; `before` is the `next` of the page before, and null ends it. */
export function listSessions(
  db: Db,
  { limit, ...page }: SessionPage,
): { sessions: Session[]; next: string | null } {
  const { conditions, parameters } = filterOf(page);
  const found = readDocuments<Session>(
    db,
    `SELECT body FROM session WHERE ${conditions.join(" AND ")} ORDER BY place DESC LIMIT $limit + 1`,
    { ...parameters, limit },
  );
  const sessions = found.slice(0, limit);
  return { sessions, next: found.length > limit ? sessions.at(-1)!.id : null };
}

/** Only what is asked for, so that its index serves. */
function filterOf({ before, state, origin, workspace }: Omit<SessionPage, "limit">) {
  const filters: { condition: string; parameters?: Parameters }[] = [{ condition: "NOT deleted" }];
  if (before !== undefined)
    filters.push({
      condition: "place < (SELECT place FROM session WHERE id = $before)",
      parameters: { before },
    });
  if (state === "live") filters.push({ condition: `state IN ${LIVE}` });
  else if (state === "open") filters.push({ condition: `(origin <> 'task' OR state IN ${LIVE})` });
  else if (state !== "all") filters.push({ condition: "state = $state", parameters: { state } });
  if (origin !== undefined) filters.push({ condition: "origin = $origin", parameters: { origin } });
  if (workspace !== undefined)
    filters.push({ condition: "workspace = $workspace", parameters: { workspace } });
  return {
    conditions: filters.map(({ condition }) => condition),
    parameters: Object.assign({}, ...filters.map(({ parameters }) => parameters)) as Parameters,
  };
}

/** How many tokens a model of an agent's can have in view, as a session of it said last; null where none has said. */
export function contextWindow(db: Db, { agent, id }: { agent: string; id: string | null }): number | null {
  const said = db.get<{ tokens: number }>(
    `SELECT body ->> '$.usage.contextWindow' AS tokens FROM session
     WHERE body ->> '$.agent' = $agent AND body ->> '$.model.id' IS $id AND body ->> '$.usage.contextWindow' IS NOT NULL
     ORDER BY place DESC LIMIT 1`,
    { agent, id },
  );
  return said?.tokens ?? null;
}

/** The sessions of a workspace that are in a terminal of ours, newest first, whether their agent runs or not. */
export function terminalsIn(db: Db, workspace: WorkspaceId): Session[] {
  return readDocuments(
    db,
    `SELECT body FROM session
     WHERE workspace = $workspace AND body ->> '$.kind' = 'terminal' AND ${OURS} AND NOT deleted
     ORDER BY place DESC`,
    { workspace },
  );
}

/** The sessions of a workspace without a task, newest first, whether their agent runs or not. */
export function sessionsIn(db: Db, workspace: WorkspaceId): Session[] {
  return readDocuments(
    db,
    `SELECT body FROM session WHERE workspace = $workspace AND task IS NULL AND NOT deleted ORDER BY place DESC`,
    { workspace },
  );
}

/** How many agents run, or are about to, for sessions without a task. */
export function countLive(db: Db): number {
  return db.get<{ count: number }>(
    `SELECT COUNT(*) AS count FROM session WHERE state IN ${LIVE} AND task IS NULL AND ${OURS}`,
  )!.count;
}

/** Sessions without a task whose agent was lost with its host, and nobody has asked for since; oldest first. */
export function lostSessions(db: Db): Session[] {
  return readDocuments(
    db,
    `SELECT body FROM session
     WHERE state = 'stopped' AND body ->> '$.status.why' = 'lost' AND task IS NULL AND ${OURS} AND NOT deleted
     ORDER BY place`,
  );
}

/** Sessions whose agent waits for a person at its own terminal. */
export function waitingTerminals(db: Db): Session[] {
  return readDocuments(
    db,
    `SELECT body FROM session WHERE state = 'busy' AND body ->> '$.kind' = 'terminal'
        AND body ->> '$.status.waiting' IS NOT NULL AND NOT deleted ORDER BY place`,
  );
}

/** Sessions without a task whose agent has nothing to do. */
export function idleSessions(db: Db): Session[] {
  return readDocuments(
    db,
    `SELECT body FROM session WHERE state = 'ready' AND task IS NULL AND ${OURS} ORDER BY place`,
  );
}

/** Sessions that a host may stand behind: an agent runs or starts, or the task's attempt is not told as ended. */
export function activeSessions(db: Db): Session[] {
  return readDocuments(
    db,
    `SELECT session.body FROM session LEFT JOIN task ON task.id = session.task
     WHERE (session.state IN ${LIVE} AND ${OURS})
        OR (task.state IN ('working', 'input-required') AND session.id = task.body ->> '$.session')
     ORDER BY session.place`,
  );
}

/** A session that can be told something, as routing sees it; `about` is what it, or its task, was asked first. */
export interface ReceiverRow {
  id: SessionId;
  task: TaskId | null;
  name: string | null;
  workspace: WorkspaceId;
  about: string | null;
  origin: Session["origin"];
  usedAt: number;
}

/** All of those, or the one of this id: sessions without a task, and that of each task that runs. */
export function receivers(db: Db, id?: SessionId): ReceiverRow[] {
  return db.all(
    `SELECT session.id, session.task, COALESCE(session.name, task.slug) AS name, session.workspace,
       session.origin, session.body ->> '$.updatedAt' AS usedAt,
       CASE WHEN session.task IS NULL
         THEN (SELECT body ->> '$.text' FROM message WHERE session = session.id ORDER BY place LIMIT 1)
         ELSE task.body ->> '$.title' END AS about
     FROM session LEFT JOIN task ON task.id = session.task
     WHERE NOT session.deleted
       AND (session.task IS NULL
         OR (task.state IN ('working', 'input-required') AND session.id = task.body ->> '$.session'))
       ${id === undefined ? "" : "AND session.id = $id"}`,
    id === undefined ? {} : { id },
  );
}

/** Sessions outside that have not ended, and those that have with messages that nobody was told; oldest first. */
export function outsideSessions(db: Db): Session[] {
  return readDocuments(
    db,
    `SELECT body, place FROM session WHERE origin = 'external' AND NOT deleted
     UNION ALL
     SELECT body, place FROM session
     WHERE origin = 'external' AND deleted AND id IN (SELECT session FROM message WHERE open)
     ORDER BY place`, // each by its index: a store may hold ten thousand sessions of other origins
  );
}

/** The sessions outside of one process, ended ones too; newest first. */
export function sessionsOfProcess(db: Db, process: string): Session[] {
  return readDocuments(db, "SELECT body FROM session WHERE process = $process ORDER BY place DESC", {
    process,
  });
}

/** The sessions that go on in an agent's own conversation, and are not deleted. */
export function sessionsOfConversation(db: Db, agent: string, conversation: string): Session[] {
  return readDocuments(
    db,
    `SELECT body FROM session WHERE conversation = $conversation AND body ->> '$.agent' = $agent AND NOT deleted
     ORDER BY place DESC`,
    { agent, conversation },
  );
}
