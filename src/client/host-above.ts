import { commandsAbove } from "../processes/commands-above.ts";
import type { SessionId } from "../protocol/id.ts";

const SESSION = /^ses_[0-9a-z]+$/;

/**
 * The session whose host stands above a process; null where none does. Products keep variables from the servers that
 * they start, and their own from whoever looks: a command line is for everyone to see.
 */
export function sessionAbove(pid: number): SessionId | null {
  for (const argv of commandsAbove(pid)) {
    const session = hostedBy(argv);
    if (session !== null) return session;
  }
  return null;
}

/** The session of the host that is started by this command line; null for any other program. */
function hostedBy(argv: readonly string[]): SessionId | null {
  const [verb, session = ""] = argv.slice(-2);
  return verb === "host" && SESSION.test(session) ? (session as SessionId) : null;
}
