import { DispatchError } from "../base/error.ts";
import type { Client } from "../client/client.ts";
import type { CallAnswer, SessionDetail, TaskDetail } from "../protocol/api.ts";

interface Details {
  task: TaskDetail;
  session: SessionDetail;
  sweep: CallAnswer<"getSweep">;
}
type Kind = keyof Details;

/** What a word on the command line names. */
export type Subject<K extends Kind> = { [Each in K]: { kind: Each; detail: Details[Each] } }[K];

const PREFIXES: Record<Kind, string> = { task: "tsk_", session: "ses_", sweep: "swp_" };

/**
 * What a name, an id or the beginning of one means: the first of the kinds that has it.
 * @throws DispatchError `not_found`, or `ambiguous` with the candidates
 */
export async function findSubject<K extends Kind>(
  client: Client,
  ref: string,
  kinds: readonly K[],
): Promise<Subject<K>> {
  const certain = kinds.find((kind) => ref.startsWith(PREFIXES[kind]));
  if (certain) return { kind: certain, detail: await read(client, certain, ref) } as Subject<K>;
  let closest: DispatchError | null = null;
  for (const kind of kinds) {
    const found = await sought(read(client, kind, ref));
    if (!(found instanceof DispatchError)) return { kind, detail: found } as Subject<K>;
    if (found.candidates?.length) closest ??= found; // it knows what else can be meant
  }
  if (closest) throw closest;
  throw new DispatchError("not_found", `no ${kinds.join(" and no ")} ${JSON.stringify(ref)}`, {
    hint: kinds.map((kind) => `dispatch ${kind}s`).join(", or "),
  });
}

function read(client: Client, kind: Kind, ref: string): Promise<Details[Kind]> {
  switch (kind) {
    case "task":
      return client.call("getTask", { task: ref }, {});
    case "session":
      return client.call("getSession", { session: ref }, {});
    case "sweep":
      return client.call("getSweep", { sweep: ref }, {});
  }
}

/** The error for what the daemon does not find. */
async function sought<T>(answer: Promise<T>): Promise<T | DispatchError> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DispatchError && error.code === "not_found") return error;
    throw error;
  }
}
