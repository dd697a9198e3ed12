import { newId } from "../base/id.ts";
import { cleanLine } from "../core/line.ts";
import type { ModelSources } from "../core/model-names.ts";
import type { Outside } from "../protocol/outside.ts";
import type { Session, SessionRequest } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { sessionKind } from "./known-agents.ts";
import { learnModel } from "./learn-model.ts";
import { modelOf } from "./new-task.ts";
import type { Parts } from "./parts.ts";
import { checkPermissions, checkTerminalPermissions } from "./preset.ts";
import { checkThinking } from "./thinking.ts";
import { entryOf } from "./workspace-settings.ts";

/** What a session begins with. */
export interface Beginning extends Pick<
  Session,
  "kind" | "origin" | "task" | "workspace" | "folder" | "permissions" | "thinking"
> {
  readonly model: NonNullable<Session["model"]>;
  readonly name?: string | undefined;
  readonly forkedFrom?: Session["id"];
}

/** A session that has had no agent yet. One of a task is about to get one. */
export function newSession({ name, forkedFrom, ...beginning }: Beginning): Session {
  return {
    ...blankSession(Date.now()),
    ...beginning,
    agent: beginning.model.agent,
    name: name ?? null,
    forkedFrom: forkedFrom ?? null,
    status: beginning.task === null ? { state: "stopped", why: "idle" } : { state: "starting" },
    outside: null,
  };
}

/** The session of an agent that somebody else started, and that nothing is known of yet but its process. */
export function outsideSession({
  process,
  boot,
  ...seen
}: Pick<Session, "agent" | "folder" | "workspace"> & Pick<Outside, "process" | "boot">): Session {
  const now = Date.now();
  return {
    ...blankSession(now),
    ...seen,
    kind: "terminal",
    origin: "external",
    task: null,
    name: null,
    model: null,
    permissions: "all",
    thinking: null,
    forkedFrom: null,
    status: { state: "ready" },
    outside: { process, boot, hooks: false, proven: false, pane: null, tool: null, saidAt: 0 },
  };
}

/** What a session has before anything happened in it. */
function blankSession(now: number) {
  return {
    id: newId("ses", now),
    epoch: 0,
    conversation: null,
    forkable: false,
    revivals: 0,
    stale: false,
    usage: {},
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  };
}

/**
 * Turns a request into a session: its model, thinking and permissions by the request, the workspace and the config, in
 * that order. A model that only its agent knew is written into the config, which the notices tell.
 * @throws DispatchError for a model, an agent or a level of thinking that is not there
 */
export function requestedSession(
  request: SessionRequest,
  { workspace, sources }: { workspace: Workspace; sources: ModelSources },
  parts: Parts,
): { session: Session; notices: string[] } {
  const config = parts.config.read();
  const entry = entryOf(config, workspace);
  const { model, isNew } = modelOf({ ...sources, request: { ...request, prompt: null }, entry });
  const isTerminal = request.kind === "terminal";
  const permissions =
    request.permissions ??
    (isTerminal
      ? (entry?.terminals ?? config.permissions.terminals)
      : (entry?.permissions ?? config.permissions.tasks));
  const session = newSession({
    kind: request.kind ?? sessionKind(config, model),
    origin: "manual",
    task: null,
    workspace: workspace.id,
    folder: workspace.path,
    model,
    permissions: isTerminal
      ? checkTerminalPermissions(permissions, model, config)
      : checkPermissions(permissions, model, config),
    thinking: checkThinking(request.thinking, model, config),
    name: request.name === undefined ? undefined : cleanLine(request.name),
  });
  return { session, notices: isNew ? learnModel(model, parts.config) : [] };
}
