import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import type { Session } from "../../protocol/session.ts";
import { sessionById } from "./sessions.ts";
import { type Desk, failed, MAX_ID_CHARS, missing, type Reply } from "./wire.ts";

/** The session that a command is for. */
export const Target = z
  .string(missing("targetSessionId"))
  .min(1, missing("targetSessionId"))
  .max(MAX_ID_CHARS, missing("targetSessionId"));

const EXTERNAL = "Cannot dispatch to external session";

/** Does something with the session of an id; that there is none, or that it cannot be done, is told in Workstation's words. */
export async function withSession(
  { client, announced }: Desk,
  id: string,
  act: (session: Session) => Promise<Reply>,
): Promise<Reply> {
  const session = await sessionById(client, id);
  if (!session) return failed(announced.get(id) ? EXTERNAL : `Session not found: ${id}`);
  try {
    return await act(session);
  } catch (error) {
    if (!(error instanceof DispatchError)) throw error;
    const isExternal = session.origin === "external";
    const what = isExternal ? EXTERNAL : "Failed to dispatch to session";
    return failed(what, { reason: error.message });
  }
}
