import { z } from "zod";
import { announcedWorker, namesOf, reachableSessions, workerId, workerOf } from "./sessions.ts";
import { command, ok } from "./wire.ts";

/** The list stands there twice: Workstation's program reads one name, its documents another. */
export const listWorkers = command({
  payload: z.unknown(),
  async run({ client, announced }) {
    const names = await namesOf(client);
    const sessions = await reachableSessions(client);
    const shown = new Set(sessions.map(workerId));
    const workers = [
      ...sessions.map((session) => workerOf(session, names, announced.get(workerId(session)))),
      ...announced.unseen().flatMap(([id, each]) => (shown.has(id) ? [] : [announcedWorker(id, each)])),
    ];
    return ok("list_workers", { workers, sessions: workers });
  },
});
