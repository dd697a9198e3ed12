import { DispatchError } from "../base/error.ts";
import type { Client } from "../client/client.ts";
import type { SessionDetail, TaskDetail } from "../protocol/api.ts";

/** What a word on the command line names. */
export type Subject = { kind: "task"; detail: TaskDetail } | { kind: "session"; detail: SessionDetail };

/**
 * The task, or else the session, that a name, an id or the beginning of one means.
 * @throws DispatchError `not_found`, or `ambiguous` with the candidates
 */
export async function findSubject(client: Client, ref: string): Promise<Subject> {
  const task = () => client.call("getTask", { task: ref }, {});
  const session = () => client.call("getSession", { session: ref }, {});
  if (ref.startsWith("tsk_")) return { kind: "task", detail: await task() };
  if (ref.startsWith("ses_")) return { kind: "session", detail: await session() };
  const asTask = await known(task());
  if (asTask) return { kind: "task", detail: asTask };
  const asSession = await known(session());
  if (asSession) return { kind: "session", detail: asSession };
  throw new DispatchError("not_found", `no task and no session ${JSON.stringify(ref)}`, {
    hint: "dispatch tasks, or dispatch sessions",
  });
}

/** Null for what the daemon does not find. */
async function known<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DispatchError && error.code === "not_found") return null;
    throw error;
  }
}
