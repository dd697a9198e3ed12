import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import type { Client } from "../../client/client.ts";
import { MAX_QUERY_CHARS, type RouteAnswer, type RouteCandidate } from "../../protocol/routing.ts";
import { MessageText, sent } from "./dispatch.ts";
import { senderOf, workerId } from "./sessions.ts";
import { command, failed, ok, type Reply, textField } from "./wire.ts";

const MAX_SUGGESTIONS = 5;

/** Sends a message to the session that a repository or a task names; a repository without one gets its first. */
export const route = command({
  payload: z.object({ query: textField("query", MAX_QUERY_CHARS), message: MessageText }),
  async run({ client }, { query, message }, sender) {
    const from = await senderOf(client, sender);
    try {
      const request = { query, message, ...(from ? { fromSession: from.id } : {}) };
      return routed(await client.call("route", {}, request));
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      return unrouted(client, query, error.message);
    }
  },
});

function routed({ verdict, session, workspace, message }: RouteAnswer): Reply {
  const created = `Auto-created worker for ${workspace!.name} and dispatched command.`;
  const more = verdict.kind === "first" ? { autoCreated: true, message: created } : {};
  return ok("route", { targetSessionId: workerId(session!), ...sent(message!, more) });
}

/** Says in Workstation's words what stands in the way of one who was refused. */
async function unrouted(client: Client, query: string, reason: string): Promise<Reply> {
  const plan = await planOf(client, query);
  switch (plan?.verdict.kind) {
    case "ambiguous": {
      const among = namesOf(plan.candidates.slice(0, plan.verdict.among));
      const what = `Multiple repos match "${query}": ${among.join(", ")}. Please be more specific.`;
      return failed(what, { suggestions: among });
    }
    case "first":
      return failed(`Found repo but failed to create worker: ${reason}`);
    case "session":
      return failed(await undelivered(client, plan.candidates[0]!), { reason });
    case "nothing":
      return unknown(query, { similar: plan.verdict.suggestions });
    case undefined:
      return unknown(query, { similar: [], reason });
  }
}

/** Null for a path that cannot be worked in. */
async function planOf(client: Client, query: string): Promise<RouteAnswer | null> {
  try {
    return await client.call("route", {}, { query, dryRun: true });
  } catch (error) {
    if (error instanceof DispatchError) return null;
    throw error;
  }
}

function unknown(
  query: string,
  { similar, ...more }: { similar: readonly string[]; reason?: string },
): Reply {
  const suggestions = similar.slice(0, MAX_SUGGESTIONS);
  const next =
    suggestions.length > 0 ? `Did you mean: ${suggestions.join(", ")}?` : "Please provide the full path.";
  return failed(`Could not find repo matching "${query}". ${next}`, { suggestions, ...more });
}

async function undelivered(client: Client, { session, name }: RouteCandidate): Promise<string> {
  const { origin } = (await client.call("getSession", { session: session! }, {})).session;
  const isExternal = origin === "external";
  return isExternal
    ? `Matched external session ${name} - cannot dispatch`
    : "Failed to dispatch to matched session";
}

/** What tells the candidates apart: their names, and where those are the same their folders. */
function namesOf(candidates: readonly RouteCandidate[]): string[] {
  const names = candidates.map(({ name, path }) =>
    candidates.some((other) => other.name === name && other.path !== path) ? path : name,
  );
  return [...new Set(names)].slice(0, MAX_SUGGESTIONS);
}
