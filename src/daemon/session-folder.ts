import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { acquireLock, finishRemovals, removeLockedFolder } from "../base/lock.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";
import { getSession } from "../store/session.ts";
import { isOver } from "./run.ts";

/** Removes what a session's last host left. False where one is alive: it does that itself when it is dismissed. */
export function removeSessionFolder(home: string, session: SessionId): boolean {
  const folder = join(home, "sessions", session);
  try {
    const lock = acquireLock(join(folder, "lock"));
    if (!lock) return false;
    removeLockedFolder(folder);
    lock.release();
  } catch (error) {
    // There is none, or its host removes it at this moment.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return true;
}

/**
 * Sessions that are over and still have a folder; what was being removed when its process died is removed. A session
 * that the store does not know may be another store's: it stays.
 */
export function leftSessions(home: string, db: Db): SessionId[] {
  const sessions = join(home, "sessions");
  if (!existsSync(sessions)) return [];
  finishRemovals(sessions);
  return readdirSync(sessions).flatMap((name) => {
    const session = getSession(db, name as SessionId);
    return session && isOver(db, session) ? [session.id] : [];
  });
}
