import { z } from "zod";
import { SessionId, TaskId } from "./id.ts";
import { Message, OutsideAgent } from "./message.ts";
import { Session } from "./session.ts";
import { Words } from "./words.ts";
import { Workspace } from "./workspace.ts";

export const MAX_QUERY_CHARS = 512;

/** What speaks for a candidate, in points. */
export const Reason = z.object({ points: z.number(), what: z.string() });
export type Reason = z.infer<typeof Reason>;

/**
 * Somewhere that a query may mean; `session` is null for a folder that has none yet. `fit` is how well the query names
 * it, `lean` what decides between those that it names alike; `name` is what it is called.
 */
export const RouteCandidate = z.object({
  name: z.string(),
  session: SessionId.nullable(),
  task: TaskId.nullable(),
  path: z.string(),
  fit: z.number(),
  lean: z.number(),
  because: z.array(Reason),
});
export type RouteCandidate = z.infer<typeof RouteCandidate>;

/**
 * What a query means. `session`: the first candidate, which is told the message. `first`: the folder of the first
 * candidate has no session yet, and gets one. `ambiguous`: the first `among` candidates are as likely. `nothing`:
 * nobody fits; `suggestions` are names that look like it.
 */
export const RouteVerdict = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("session") }),
  z.object({ kind: z.literal("first") }),
  z.object({ kind: z.literal("ambiguous"), among: z.number().int().positive() }),
  z.object({ kind: z.literal("nothing"), suggestions: z.array(z.string()) }),
]);
export type RouteVerdict = z.infer<typeof RouteVerdict>;

/**
 * What a caller asks for. `query` is a repository, a session, a task, what one is about, or a folder's path, which is
 * absolute or begins with `~/`. Without a `message` the session is only found, or opened. `dryRun`: nothing is done.
 */
export const RouteRequest = z.strictObject({
  query: z.string().min(1).max(MAX_QUERY_CHARS).regex(/\S/u, "it is empty"),
  message: Words.optional(),
  dryRun: z.boolean().default(false),
  fromSession: SessionId.optional(),
  fromAgent: OutsideAgent.optional(),
  environment: z.record(z.string(), z.string()).optional(),
});
export type RouteRequest = z.infer<typeof RouteRequest>;

/** `candidates` are the likeliest, best first. The rest is null where nothing was done. */
export const RouteAnswer = z.object({
  verdict: RouteVerdict,
  candidates: z.array(RouteCandidate),
  session: Session.nullable(),
  workspace: Workspace.nullable(),
  message: Message.nullable(),
  notices: z.array(z.string()),
});
export type RouteAnswer = z.infer<typeof RouteAnswer>;
