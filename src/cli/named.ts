import type { Client } from "../client/client.ts";
import type { Session } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Task } from "../protocol/task.ts";

/** The newest tasks and sessions, whose names are shown. */
const MAX_NAMED = 500;

export interface Named {
  tasks: Task[];
  sessions: Session[];
  workspaces: Workspace[];
}

/** What ids in a list are named after. */
export async function readNamed(client: Client): Promise<Named> {
  const [{ tasks }, { sessions }, { workspaces }] = await Promise.all([
    client.call("listTasks", {}, { state: "all", limit: MAX_NAMED }),
    client.call("listSessions", {}, { origin: "manual", limit: MAX_NAMED }),
    client.call("listWorkspaces", {}, {}),
  ]);
  return { tasks, sessions, workspaces };
}

/** The names of tasks and sessions by their ids; a session without one is called as its workspace. */
export function namesOf({
  tasks,
  sessions = [],
  workspaces = [],
}: {
  tasks: readonly Task[];
  sessions?: readonly Session[];
  workspaces?: readonly Workspace[];
}): Map<string, string> {
  const places = new Map(workspaces.map(({ id, name }) => [id, name]));
  return new Map<string, string>([
    ...tasks.map(({ id, slug }) => [id, slug] as const),
    ...sessions.map(
      (session) => [session.id, session.name ?? places.get(session.workspace) ?? session.id] as const,
    ),
  ]);
}
