import { z } from "zod";
import { SessionId, TaskId, WorkspaceId } from "./id.ts";
import { Outside } from "./outside.ts";
import { Permissions } from "./permission.ts";
import { MAX_NAME_LENGTH, ModelChoice } from "./task.ts";
import { Thinking } from "./thinking.ts";
import { Words } from "./words.ts";

/**
 * Tokens and cost as the agent itself reports them; absent where it reports none. `cost` is in `currency`;
 * `contextWindow` is how many tokens its model can have in view, of which it has `contextTokens`.
 * Of a session all are sums over its life; an agent's report has the tokens of one turn, and the cost so far.
 */
export const Usage = z.object({
  inputTokens: z.number().int().nonnegative().optional(),
  outputTokens: z.number().int().nonnegative().optional(),
  contextTokens: z.number().int().nonnegative().optional(),
  contextWindow: z.number().int().positive().optional(),
  cost: z.number().nonnegative().optional(),
  currency: z.string().optional(),
});
export type Usage = z.infer<typeof Usage>;

/** What an agent in a terminal waits for there; `terminal`: its screen shows no prompt, and does not say why. */
export const TerminalNeed = z.enum(["approval", "question", "terminal"]);
export type TerminalNeed = z.infer<typeof TerminalNeed>;

/**
 * `starting` → `ready` ⇄ `busy` → `stopping` → `stopped`; `error`. Only `busy` can be waiting for a person; `doing` is what
 * is known of the tool that it uses in a terminal, or asks for there, `since` is when it began to wait there. An agent is
 * stopped because somebody `asked` (its task ended, too), because it was `idle`, or is found `lost` with its host;
 * `again`: something came for it meanwhile, so that it is brought back at once.
 */
export const SessionStatus = z.discriminatedUnion("state", [
  z.object({ state: z.literal("starting") }),
  z.object({ state: z.literal("ready") }),
  z.object({
    state: z.literal("busy"),
    waiting: TerminalNeed.nullable(),
    doing: z.string().nullable().optional(),
    since: z.number().optional(),
  }),
  z.object({ state: z.literal("stopping"), why: z.enum(["asked", "idle"]), again: z.boolean() }),
  z.object({ state: z.literal("stopped"), why: z.enum(["asked", "idle", "lost"]) }),
  z.object({ state: z.literal("error"), message: z.string() }),
]);
export type SessionStatus = z.infer<typeof SessionStatus>;

/**
 * One conversation with one agent in one workspace.
 * `epoch` counts the lives of its agent process (0: none yet); `conversation` is the agent's own id, by which it resumes
 * (and, where it is `forkable`, another session can begin); `revivals` are the times that its dead agent was brought
 * back without being asked, since it last ended a turn; `stale`: it was started for another model or level of thinking
 * than are wanted now, and is started anew before its next turn. Of an agent that was started by somebody else
 * (`origin: external`), `model` is null, and `outside` is what is known of it.
 */
export const Session = z.object({
  id: SessionId,
  kind: z.enum(["acp", "terminal", "exec"]),
  origin: z.enum(["task", "manual", "external"]),
  workspace: WorkspaceId,
  task: TaskId.nullable(),
  name: z.string().nullable(),
  agent: z.string(),
  model: ModelChoice.nullable(),
  permissions: Permissions,
  thinking: Thinking.nullable(),
  forkedFrom: SessionId.nullable(),
  folder: z.string(),
  status: SessionStatus,
  epoch: z.number().int().nonnegative(),
  conversation: z.string().nullable(),
  forkable: z.boolean(),
  /** Whether its agent looks at images; absent: it has not said. */
  images: z.boolean().optional(),
  revivals: z.number().int().nonnegative(),
  stale: z.boolean(),
  usage: Usage,
  outside: Outside.nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  deletedAt: z.number().nullable(),
});
export type Session = z.infer<typeof Session>;

export const SessionName = z.string().min(1).max(MAX_NAME_LENGTH);

/**
 * What a caller asks for. `workspace` is a folder's path, a workspace's name or id, or a project's name; `prompt`
 * becomes the first message, and without one no agent is started yet. With `kind` it is the agent's own interactive program in a terminal,
 * which starts at once: the first one of a workspace needs no name, further ones do. `fromSession`: the session whose agent asks.
 */
export const SessionRequest = z.strictObject({
  workspace: z.string().min(1),
  kind: z.literal("terminal").optional(),
  name: SessionName.optional(),
  model: z.string().min(1).optional(),
  agent: z.string().min(1).optional(),
  thinking: Thinking.optional(),
  permissions: Permissions.optional(),
  prompt: Words.optional(),
  fromSession: SessionId.optional(),
  environment: z.record(z.string(), z.string()).optional(),
});
export type SessionRequest = z.infer<typeof SessionRequest>;
