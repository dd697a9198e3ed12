import { z } from "zod";
import { SessionId, TaskId, WorkspaceId } from "./id.ts";

/**
 * Tokens and cost as the agent itself reports them; absent where it reports none. `cost` is in `currency`.
 * Of a session all are sums over its life; an agent's report has the tokens of one turn, and the cost so far.
 */
export const Usage = z.object({
  inputTokens: z.number().int().nonnegative().optional(),
  outputTokens: z.number().int().nonnegative().optional(),
  contextTokens: z.number().int().nonnegative().optional(),
  cost: z.number().nonnegative().optional(),
  currency: z.string().optional(),
});
export type Usage = z.infer<typeof Usage>;

/** `starting` → `ready` ⇄ `busy` → `stopping` → `stopped`; `error`. Only `busy` can be waiting for a person. */
export const SessionStatus = z.discriminatedUnion("state", [
  z.object({ state: z.literal("starting") }),
  z.object({ state: z.literal("ready") }),
  z.object({ state: z.literal("busy"), waiting: z.enum(["approval", "question"]).nullable() }),
  z.object({ state: z.literal("stopping") }),
  z.object({ state: z.literal("stopped") }),
  z.object({ state: z.literal("error"), message: z.string() }),
]);
export type SessionStatus = z.infer<typeof SessionStatus>;

/**
 * One conversation with one agent in one workspace.
 * `epoch` counts the lives of its agent process (0: none yet); `conversation` is the agent's own id, by which it resumes.
 */
export const Session = z.object({
  id: SessionId,
  kind: z.enum(["acp", "terminal", "exec"]),
  origin: z.enum(["task", "manual", "external"]),
  workspace: WorkspaceId,
  task: TaskId.nullable(),
  agent: z.string(),
  folder: z.string(),
  status: SessionStatus,
  epoch: z.number().int().nonnegative(),
  conversation: z.string().nullable(),
  usage: Usage,
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Session = z.infer<typeof Session>;
