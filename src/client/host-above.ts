import { readFileSync } from "node:fs";
import type { SessionId } from "../protocol/id.ts";

/** How far it is looked up: agents start our servers and hooks themselves, or through a wrapper or two. */
const MAX_ANCESTORS = 16;
const SESSION = /^ses_[0-9a-z]+$/;

/**
 * The session whose host stands above a process; null where none does. Products keep variables from the servers that
 * they start, and their own from whoever looks: a command line is for everyone to see.
 */
export function sessionAbove(pid: number): SessionId | null {
  const lookUp = process.platform === "linux" ? readProc : readPs();
  for (let at = lookUp(pid), depth = 0; at && depth < MAX_ANCESTORS; depth++) {
    const session = hostedBy(at.argv);
    if (session !== null) return session;
    at = at.parent > 1 ? lookUp(at.parent) : null;
  }
  return null;
}

/** The session of the host that is started by this command line; null for any other program. */
export function hostedBy(argv: readonly string[]): SessionId | null {
  const [verb, session = ""] = argv.slice(-2);
  return verb === "host" && SESSION.test(session) ? (session as SessionId) : null;
}

interface Ancestor {
  readonly parent: number;
  readonly argv: readonly string[];
}

/** proc_pid_stat(5): the parent is the second field behind the name. */
function readProc(pid: number): Ancestor | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    return { parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]), argv };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return null;
    throw error;
  }
}

/** macOS: all processes in one call. */
function readPs(): (pid: number) => Ancestor | null {
  const { stdout } = Bun.spawnSync(["/bin/ps", "-axww", "-o", "pid=,ppid=,command="], {
    env: { LC_ALL: "C" },
  });
  const rows = stdout
    .toString()
    .split("\n")
    .map((line) => line.trim().split(/ +/));
  const all = new Map(rows.map(([pid, parent, ...argv]) => [Number(pid), { parent: Number(parent), argv }]));
  return (pid) => all.get(pid) ?? null;
}
