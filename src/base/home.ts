import { isAbsolute, join, resolve } from "node:path";

/** The folder that holds everything of one user's Dispatch: `DISPATCH_HOME`, else `.dispatch` in the home folder. Absolute. */
export function defaultHome(environment: Record<string, string | undefined>): string {
  const set = environment["DISPATCH_HOME"];
  if (set) return isAbsolute(set) ? set : resolve(set);
  return join(environment["HOME"] ?? "/", ".dispatch");
}

/** The files below it that more than one process knows. */
export function homeFiles(home: string): { socket: string; lock: string; log: string; token: string } {
  return {
    socket: join(home, "daemon.sock"),
    lock: join(home, "daemon.lock"),
    log: join(home, "daemon.log"),
    token: join(home, "local.token"),
  };
}

/**
 * Daemons and hosts carry this, with their DISPATCH_HOME as its value. A worker's command may start the daemon, and
 * a host adopts what its worker started: without the mark, the end of that run would take the daemon with it.
 */
export const SELF_VARIABLE = "DISPATCH_SELF";
