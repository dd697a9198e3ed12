import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { acquireLock, removeLockedFolder } from "../base/lock.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";
import { getSession } from "../store/session.ts";
import { isOver } from "./run.ts";

/** Removes what a session's last host left, unless one is alive: that one does it itself. */
export function removeSessionFolder(home: string, session: string): void {
  const folder = join(home, "sessions", session);
  if (!existsSync(folder)) return;
  const lock = acquireLock(join(folder, "lock"));
  if (!lock) return;
  removeLockedFolder(folder);
  lock.release();
}

/** Removes the folders of sessions that are over. One that the store does not know may be another store's: it stays. */
export function clearSessions(home: string, db: Db): void {
  const sessions = join(home, "sessions");
  if (!existsSync(sessions)) return;
  for (const name of readdirSync(sessions)) {
    const session = getSession(db, name as SessionId);
    if (session && isOver(db, session)) removeSessionFolder(home, session.id);
  }
}
