import { z } from "zod";
import { namesOf, reachableSessions, workerOf } from "./sessions.ts";
import { command, ok } from "./wire.ts";

/** The list stands there twice: Workstation's program reads one name, its documents another. */
export const listWorkers = command({
  payload: z.unknown(),
  async run({ client }) {
    const names = await namesOf(client);
    const workers = (await reachableSessions(client)).map((session) => workerOf(session, names));
    return ok("list_workers", { workers, sessions: workers });
  },
});
