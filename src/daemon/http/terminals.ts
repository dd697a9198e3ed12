import { join } from "node:path";
import { DispatchError } from "../../base/error.ts";
import { hasAgent } from "../../core/run.ts";
import { isTerminal, nameOf } from "../../core/session.ts";
import type { Session } from "../../protocol/session.ts";
import { ScreenText } from "../../protocol/terminal.ts";
import type { Db } from "../../sqlite/database.ts";
import { getSession } from "../../store/session.ts";
import { mustFindSession } from "../routes/find-session.ts";
import { CLOSE } from "./socket-client.ts";
import { TerminalClient } from "./terminal-client.ts";

const PATH = /^\/sessions\/([^/]+)\/terminal$/;
/** All who watch terminals at once. */
const MAX_TERMINAL_CLIENTS = 500;

/** Everyone who watches a terminal. */
export class Terminals {
  readonly #db: Db;
  readonly #home: string;
  readonly #clients = new Set<TerminalClient>();

  constructor(db: Db, home: string) {
    this.#db = db;
    this.#home = home;
  }

  /** The session whose terminal a path is; null: it is another one. */
  static sessionIn(path: string): string | null {
    const ref = PATH.exec(path)?.[1];
    return ref === undefined ? null : decodeURIComponent(ref);
  }

  /**
   * A client for a connection that is about to be upgraded.
   * @throws DispatchError `not_found` or `ambiguous`, `conflict` for a session without a terminal, `limited`
   */
  admit(ref: string): TerminalClient {
    const session = mustFindTerminal(this.#db, ref);
    if (this.#clients.size >= MAX_TERMINAL_CLIENTS)
      throw new DispatchError("limited", `${MAX_TERMINAL_CLIENTS} clients watch terminals already`);
    const client = new TerminalClient({
      path: terminalSocket(this.#home, session),
      isAlive: () => hasAgent(getSession(this.#db, session.id)!),
      left: (left) => this.#clients.delete(left),
    });
    this.#clients.add(client);
    return client;
  }

  /** Says goodbye to everyone. Idempotent. */
  close(): void {
    for (const client of this.#clients) client.close(CLOSE.goingAway, "the daemon stops");
  }
}

/** What a terminal shows now. @throws DispatchError as `admit`, `unavailable` where its host does not answer */
export async function screenOf(
  db: Db,
  home: string,
  ref: string,
  { history }: { history: boolean },
): Promise<ScreenText> {
  const session = mustFindTerminal(db, ref);
  try {
    const answer = await fetch(`http://host/screen${history ? "?history" : ""}`, {
      unix: terminalSocket(home, session),
    });
    return ScreenText.parse(await answer.json());
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new DispatchError("conflict", `the terminal of ${nameOf(session)} is not there yet`, {
      hint: `dispatch session show ${session.id}`,
      cause: error,
    });
  }
}

function mustFindTerminal(db: Db, ref: string): Session {
  const session = mustFindSession(db, ref);
  if (session.outside !== null)
    throw new DispatchError("conflict", `${nameOf(session)} is in a terminal outside of Dispatch`, {
      hint: `dispatch tell ${session.id} <message>`,
    });
  if (!isTerminal(session))
    throw new DispatchError("conflict", `${nameOf(session)} is not in a terminal`, {
      hint: `dispatch logs ${session.id} -f`,
    });
  if (hasAgent(session)) return session;
  throw new DispatchError("conflict", `the agent of ${nameOf(session)} does not run`, {
    hint: `dispatch session resume ${session.id}`,
  });
}

function terminalSocket(home: string, { id }: Session): string {
  return join(home, "sessions", id, "screen.sock");
}
