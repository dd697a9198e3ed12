import { callingSession } from "../client/calling-session.ts";
import type { Client } from "../client/client.ts";
import { sessionAbove } from "../client/host-above.ts";
import type { SessionId } from "../protocol/id.ts";

/** Where a host runs: by itself, in a session of ours without a task, or below a task's worker. */
export type Place = { kind: "outside" } | { kind: "session"; session: SessionId } | { kind: "worker" };

/** Below a run of Dispatch, whoever cannot be shown to be in a session without a task counts as a worker. */
export async function placeOf(
  client: Client,
  environment: Record<string, string | undefined>,
): Promise<Place> {
  try {
    const own = callingSession({ environment }).fromSession ?? sessionAbove(process.ppid);
    if (own === null) return { kind: "outside" };
    const { session } = await client.call("getSession", { session: own }, {});
    return session.task === null ? { kind: "session", session: session.id } : { kind: "worker" };
  } catch {
    return { kind: "worker" };
  }
}

/** The session of ours whose agent asks: it has nobody do more than it may do itself. */
export function ownSession(place: Place): { fromSession?: SessionId } {
  return place.kind === "session" ? { fromSession: place.session } : {};
}
