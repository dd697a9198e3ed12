import type { ModelSources } from "../core/model-names.ts";
import type { RouteRequest } from "../protocol/routing.ts";
import type { Session } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { liveIn } from "../store/workspace.ts";
import { hasTerminal } from "./known-agents.ts";
import { modelOf } from "./new-task.ts";
import { requestedSession } from "./new-session.ts";
import type { Parts } from "./parts.ts";
import { sourcesFor } from "./setup.ts";
import { entryOf } from "./workspace-settings.ts";
import { openWorkspace, settleWorkspace } from "./workspace.ts";

/** What the first session of a folder needs that takes time to find. */
export interface FirstSession {
  readonly path: string;
  readonly workspace: Workspace;
  readonly sources: ModelSources;
  readonly notices: readonly string[];
}

/** @param path absolute and resolved @throws DispatchError `invalid` for what is no folder any more */
export async function prepareFirst(
  path: string,
  { environment }: Pick<RouteRequest, "environment">,
  parts: Parts,
): Promise<FirstSession> {
  const { sources, notices } = await sourcesFor(parts, { environment });
  return { path, workspace: await openWorkspace(parts.ledger.db, path), sources, notices };
}

/**
 * The session that a folder gets when something is sent there first: without a name, as it is the only one, and in a
 * terminal where its agent has one of its own, so that somebody can sit down at it.
 */
export function firstSession(
  { path, workspace: found, sources, notices }: FirstSession,
  parts: Parts,
): { session: Session; workspace: Workspace; notices: string[] } {
  const { db } = parts.ledger;
  const workspace = settleWorkspace(db, found);
  const config = parts.config.read();
  const { model } = modelOf({ ...sources, request: { prompt: null }, entry: entryOf(config, workspace) });
  const kind = hasTerminal(config, model) ? { kind: "terminal" as const } : {};
  const made = requestedSession({ workspace: path, ...kind }, { workspace, sources }, parts);
  const { tasks } = liveIn(db, workspace.id);
  const others = `${tasks} ${tasks === 1 ? "task is" : "tasks are"} open in ${workspace.name} as well`;
  return { ...made, workspace, notices: [...notices, ...made.notices, ...(tasks > 0 ? [others] : [])] };
}
