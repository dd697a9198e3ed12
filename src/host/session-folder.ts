import { join } from "node:path";
import type { SessionId } from "../protocol/id.ts";

/** What a host keeps of one session, all below `<home>/sessions/<session>/` (0700). */
export interface SessionFolder {
  readonly path: string;
  /** Held by the living host, by the kernel's word. */
  readonly lock: string;
  /** The segments of the session's log. */
  readonly log: string;
  /** Where the daemon reaches the host. */
  readonly socket: string;
  /** Where the worker's MCP server reaches the host. */
  readonly workerSocket: string;
  /** Where the daemon reaches the terminal of an agent that has one. */
  readonly screenSocket: string;
  /** Where the agent's hooks reach the host. */
  readonly hookSocket: string;
  /** The descendants of the host, noted while it lives (process-record.ts). */
  readonly processes: string;
  /** What acknowledged records said that still matters (host-memory.ts). */
  readonly memory: string;
  /** `plan.md` as it was last read or written, the base of the next merge. */
  readonly planBase: string;
  /** The question files that were asked already. */
  readonly questions: string;
}

/** The names in a session's folder. Nothing is made. */
export function sessionFolder(home: string, session: SessionId): SessionFolder {
  const path = join(home, "sessions", session);
  return {
    path,
    lock: join(path, "lock"),
    log: join(path, "log"),
    socket: join(path, "host.sock"),
    workerSocket: join(path, "worker.sock"),
    screenSocket: join(path, "screen.sock"),
    hookSocket: join(path, "hooks.sock"),
    processes: join(path, "processes"),
    memory: join(path, "memory.json"),
    planBase: join(path, "plan.base.md"),
    questions: join(path, "questions.json"),
  };
}
