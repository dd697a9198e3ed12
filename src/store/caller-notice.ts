import type { SessionId, TaskId } from "../protocol/id.ts";
import type { ListenerRef, Notice } from "../protocol/notice.ts";
import type { Db } from "../sqlite/database.ts";

/** Notices that are kept for one caller; past it the oldest are forgotten: whoever is away for so many looks at the status. */
const KEPT_NOTICES = 200;

/** A notice that was not told yet; `claimed` is when somebody took it to tell it, in milliseconds. */
export interface UntoldNotice {
  id: number;
  notice: Notice;
  claimed: number | null;
}

/** Who is told what happens to a task. */
export function listenTo(db: Db, task: TaskId, caller: string): void {
  db.run("INSERT INTO task_listener (task, caller) VALUES ($task, $caller)", { task, caller });
}

/** Keeps a notice for whoever listens to the task; nobody may. */
export function keepNotice(db: Db, task: TaskId, notice: Notice): void {
  const caller = db.get<{ caller: string }>("SELECT caller FROM task_listener WHERE task = $task", {
    task,
  })?.caller;
  if (caller === undefined) return;
  db.run("INSERT INTO caller_notice (caller, body) VALUES ($caller, $body)", {
    caller,
    body: JSON.stringify(notice),
  });
  db.run(
    `DELETE FROM caller_notice WHERE caller = $caller AND id <=
       (SELECT id FROM caller_notice WHERE caller = $caller ORDER BY id DESC LIMIT 1 OFFSET ${KEPT_NOTICES})`,
    { caller },
  );
}

/** Remembers in which process a session of a host is, where tasks are listened to from there. */
export function seeSession(db: Db, { caller, session }: ListenerRef): void {
  if (session === undefined) return;
  db.run(
    `INSERT INTO caller_session (session, caller)
     SELECT $session, $caller WHERE EXISTS (SELECT 1 FROM task_listener WHERE caller = $caller)
     ON CONFLICT DO NOTHING`,
    { session, caller },
  );
}

const CALLERS =
  "(SELECT $caller UNION SELECT caller FROM caller_session WHERE session = $session AND $session IS NOT NULL)";

/** Oldest first. */
export function untoldNotices(db: Db, { caller, session }: ListenerRef): UntoldNotice[] {
  const rows = db.all<{ id: number; body: string; claimed: number | null }>(
    `SELECT id, body, claimed FROM caller_notice WHERE caller IN ${CALLERS} ORDER BY id`,
    { caller, session: session ?? null },
  );
  return rows.map(({ id, body, claimed }) => ({ id, notice: JSON.parse(body) as Notice, claimed }));
}

/** Tasks of the caller that have not ended. */
export function openTasks(db: Db, { caller, session }: ListenerRef): number {
  const sql = `SELECT COUNT(*) AS count FROM task JOIN task_listener ON task_listener.task = task.id
    WHERE task_listener.caller IN ${CALLERS} AND task.state IN ('submitted', 'working', 'input-required')`;
  return db.get<{ count: number }>(sql, { caller, session: session ?? null })!.count;
}

export function claimNotice(db: Db, id: number, at: number): void {
  db.run("UPDATE caller_notice SET claimed = $at WHERE id = $id", { id, at });
}

export function forgetNotice(db: Db, id: number): void {
  db.run("DELETE FROM caller_notice WHERE id = $id", { id });
}

/** The sessions of ours that were not told something yet of the tasks that they handed over. */
export function sessionsToTell(db: Db): SessionId[] {
  return db
    .all<{
      caller: SessionId;
    }>("SELECT DISTINCT caller FROM caller_notice WHERE caller >= 'ses_' AND caller < 'ses`'")
    .map(({ caller }) => caller);
}

/** Nobody is told what was kept for a caller. */
export function forgetNotices(db: Db, caller: string): void {
  db.run("DELETE FROM caller_notice WHERE caller = $caller", { caller });
}
