import type { Client } from "../client/client.ts";
import type { Session } from "../protocol/session.ts";
import type { Task } from "../protocol/task.ts";
import { sessionName } from "./session-words.ts";

/** The newest tasks and sessions, whose names are shown. */
const MAX_NAMED = 500;

export interface Named {
  tasks: Task[];
  sessions: Session[];
}

/** What ids in a list are named after. */
export async function readNamed(client: Client): Promise<Named> {
  const [{ tasks }, { sessions }] = await Promise.all([
    client.call("listTasks", {}, { state: "all", limit: MAX_NAMED }),
    client.call("listSessions", {}, { origin: "manual", limit: MAX_NAMED }),
  ]);
  return { tasks, sessions };
}

/** The names of tasks and sessions by their ids. */
export function namesOf({
  tasks,
  sessions = [],
}: {
  tasks: readonly Task[];
  sessions?: readonly Session[];
}): Map<string, string> {
  return new Map<string, string>([
    ...tasks.map(({ id, slug }) => [id, slug] as const),
    ...sessions.map((session) => [session.id, sessionName(session)] as const),
  ]);
}
