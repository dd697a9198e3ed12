import { basename } from "node:path";
import { DispatchError } from "../../base/error.ts";
import type { Client } from "../../client/client.ts";
import { everySession, everyTask } from "../../client/every.ts";
import type { Session } from "../../protocol/session.ts";
import type { Announced, WorkContext } from "./announced.ts";

/** How a client begins its id that runs in no agent. */
const NO_SESSION = "orchestrator-";

/** What people call workspaces and tasks, by their ids. */
export type Names = ReadonlyMap<string, string>;

/** What a message reaches, the most recently active first; not what somebody stopped. */
export async function reachableSessions(client: Client): Promise<Session[]> {
  const open = await everySession(client, { state: "open" });
  return open
    .filter(({ status }) => status.state !== "stopped" || status.why !== "asked")
    .toSorted((a, b) => b.updatedAt - a.updatedAt);
}

/** The session that Workstation's clients mean by an id, whole: no name and no beginning of one. */
export async function sessionById(client: Client, id: string): Promise<Session | null> {
  const own = await sessionNamed(client, id);
  if (own?.id === id) return own;
  const external = await everySession(client, { origin: "external" });
  return external.find((session) => workerId(session) === id) ?? null;
}

/** The session whose agent says to be the sender, by our id or its own. */
export async function senderOf(client: Client, id: string | null): Promise<Session | null> {
  if (id === null || id.startsWith(NO_SESSION)) return null;
  const sessions = await reachableSessions(client);
  return sessions.find((session) => session.id === id || session.conversation === id) ?? null;
}

/** A session as Workstation's clients know one; `announced` is what its agent's hooks said of it. */
export function workerOf(session: Session, names: Names, announced: Announced | undefined) {
  const { workspace, folder, name, task, origin, updatedAt } = session;
  return worker({
    sessionId: workerId(session),
    repo: names.get(workspace) ?? basename(folder),
    repoPath: folder,
    taskId: name ?? (task === null ? announced?.context.taskId : names.get(task)),
    isExternal: origin === "external",
    lastActive: updatedAt,
    context: announced?.context,
  });
}

/** A session of which nothing is known but what its agent's hooks said. */
export function announcedWorker(sessionId: string, { context, at }: Announced) {
  const { project, projectPath = "", taskId } = context;
  return worker({
    sessionId,
    repo: project ?? basename(projectPath),
    repoPath: projectPath,
    taskId,
    isExternal: true,
    lastActive: at,
    context,
  });
}

/** In the order of the wire. */
function worker({
  taskId,
  isExternal,
  lastActive,
  context,
  ...place
}: {
  sessionId: string;
  repo: string;
  repoPath: string;
  taskId: string | undefined;
  isExternal: boolean;
  lastActive: number;
  context: WorkContext | undefined;
}) {
  return {
    ...place,
    ...(taskId === undefined ? {} : { taskId }),
    type: "worker",
    isExternal,
    lastActive: new Date(lastActive).toISOString(),
    ...(context ? { workContext: context } : {}),
  };
}

/** One from outside goes by its agent's own id. */
export function workerId({ id, origin, conversation }: Session): string {
  return origin === "external" ? (conversation ?? id) : id;
}

export async function namesOf(client: Client): Promise<Names> {
  const { workspaces } = await client.call("listWorkspaces", {}, {});
  const tasks = await everyTask(client, { state: "open" });
  return new Map<string, string>([
    ...workspaces.map(({ id, name }) => [id, name] as const),
    ...tasks.map(({ id, slug }) => [id, slug] as const),
  ]);
}

async function sessionNamed(client: Client, ref: string): Promise<Session | null> {
  try {
    return (await client.call("getSession", { session: ref }, {})).session;
  } catch (error) {
    if (error instanceof DispatchError && (error.code === "not_found" || error.code === "ambiguous"))
      return null;
    throw error;
  }
}
