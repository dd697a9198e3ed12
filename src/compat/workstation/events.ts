import { DispatchError } from "../../base/error.ts";
import type { CallInput } from "../../protocol/api.ts";
import { type Desk, ok, type Reply, type Told } from "./wire.ts";

/** What hooks say that know no session. */
const NAMELESS = "unknown";

type HookReport = CallInput<"reportHook">["report"];

/**
 * Takes what an agent's hook says, and answers whatever is said, so that its sender knows that somebody listens. An
 * agent is known by the process of its hook, as for every client; one that cannot be found is kept by its word.
 * @param peer names the process that says it
 */
export async function hear(desk: Desk, told: Told, peer: () => string | null): Promise<Reply> {
  const { type, sessionId } = told;
  if (sessionId !== null && sessionId !== NAMELESS) await note(desk, { ...told, sessionId }, peer);
  return ok(type);
}

async function note(
  { client, announced }: Desk,
  { type, sessionId, context }: Told & { sessionId: string },
  peer: () => string | null,
): Promise<void> {
  const told = { agent: "", conversation: sessionId, folder: context?.projectPath ?? "" };
  const report = async (what: HookReport) => (await reported(client, what, peer())) !== null;
  switch (type) {
    case "session_start": {
      const isSeen = await report({ ...told, event: "started", source: "startup" });
      if (context?.projectPath ?? context?.project) announced.add(sessionId, context, { isSeen });
      return;
    }
    case "session_end":
      announced.remove(sessionId);
      await report({ ...told, event: "ended" });
      return;
    default:
      announced.touch(sessionId);
  }
}

/** @returns the session that it is of, null where nobody knows */
async function reported(client: Desk["client"], report: HookReport, reporter: string | null) {
  if (reporter === null) return null;
  try {
    return (await client.call("reportHook", {}, { reporter, report, relayed: true, at: Date.now() })).session;
  } catch (error) {
    if (error instanceof DispatchError) return null; // a hook is not kept from its work by what it says
    throw error;
  }
}
