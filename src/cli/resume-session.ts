import { callerEnvironment } from "../client/environment.ts";
import type { Session } from "../protocol/session.ts";
import type { Context } from "./command.ts";

/** Starts a session's agent again, with this caller's environment. */
export async function resumeSession({ client, environment }: Context, session: string): Promise<Session> {
  const body = { environment: callerEnvironment(environment) };
  return (await client.call("resumeSession", { session }, body)).session;
}
