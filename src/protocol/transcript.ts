import { z } from "zod";
import { ApprovalId, CommandId, FlagId, QuestionId } from "./id.ts";
import { GatedCall, ToolKind, Verdict } from "./approval.ts";
import { Plan, PlanStep } from "./plan.ts";
import { TerminalNeed, Usage } from "./session.ts";

/** The life of a command inside a host. `held`: it was handed to an agent that died, so nobody knows if it was taken. */
export const CommandPhase = z.enum(["received", "sent", "done", "held"]);
export type CommandPhase = z.infer<typeof CommandPhase>;

/**
 * Why an agent's turn ended; ACP's stop reasons, `login` and `model` where the agent answered the prompt by asking for a
 * login or saying that there is no such model, and `error` where it answered with another error.
 */
export const TurnEnd = z.enum([
  "end_turn",
  "max_tokens",
  "max_turn_requests",
  "refusal",
  "cancelled",
  "login",
  "model",
  "error",
]);
export type TurnEnd = z.infer<typeof TurnEnd>;

/** Why an agent could not start: a closed set, mapped to a hint where a person reads it. */
export const StartFailure = z.enum([
  "missing",
  "login",
  "model",
  "thinking",
  "protocol",
  "timeout",
  "resume",
  "crashed",
]);
export type StartFailure = z.infer<typeof StartFailure>;

/**
 * A limit of the account (`usage`) or of the requests in a short time (`rate`) that an agent ran into, and when it is
 * over, in milliseconds since 1970; null where the product did not say.
 */
export const ReachedLimit = z.object({ kind: z.enum(["usage", "rate"]), resetsAt: z.number().nullable() });
export type ReachedLimit = z.infer<typeof ReachedLimit>;

/**
 * What a host writes to its session's log, one record each: what the agent said and did, what it was told, and the
 * host's own life. *Control* events are those that a person or a rule acts on; they are synced to disk before anyone
 * is told, and are written even when the log is full.
 */
export const TranscriptEvent = z.discriminatedUnion("type", [
  // The host's life
  z.object({ type: z.literal("started"), pid: z.number().int(), program: z.string() }),
  z.object({
    type: z.literal("conversation"),
    id: z.string(),
    resumed: z.boolean(),
    resumable: z.boolean(),
    forkable: z.boolean().optional(),
    images: z.boolean().optional(),
    models: z.array(z.object({ id: z.string(), name: z.string() })),
  }),
  z.object({
    type: z.literal("start_failed"),
    reason: StartFailure,
    message: z.string(),
    limit: ReachedLimit.optional(),
  }),
  z.object({
    type: z.literal("gone"),
    reason: z.enum(["stopped", "crashed", "lost"]),
    exitCode: z.number().int().nullable(),
    killed: z.number().int(),
    message: z.string().optional(),
  }),
  z.object({
    type: z.literal("command"),
    command: CommandId,
    phase: CommandPhase,
    error: z.string().optional(),
  }),
  z.object({ type: z.literal("notice"), level: z.enum(["info", "warning", "error"]), text: z.string() }),
  // The conversation
  z.object({ type: z.literal("turn_started"), prompt: z.string() }),
  /**
   * The agent says that it took what it was told last; where it does not, its first output is the sign. `command`: it
   * took what came with that one, of which nobody knew any more.
   */
  z.object({ type: z.literal("prompt_taken"), command: CommandId.optional() }),
  /** A turn began that nobody told it here: a person typed it in the agent's own terminal, or it went on by itself. */
  z.object({ type: z.literal("turn_typed") }),
  /** `said` is the end of what the agent said in this turn: a summary where it gave none. */
  z.object({
    type: z.literal("turn_ended"),
    end: TurnEnd,
    said: z.string(),
    message: z.string().optional(),
    limit: ReachedLimit.optional(),
  }),
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("thought"), text: z.string() }),
  z.object({
    type: z.literal("tool"),
    call: z.string(),
    status: z.enum(["pending", "in_progress", "completed", "failed"]),
    title: z.string().optional(),
    kind: ToolKind.optional(),
    paths: z.array(z.string()).optional(),
    input: z.unknown().optional(),
    output: z.string().optional(),
  }),
  z.object({ type: z.literal("todos"), steps: z.array(PlanStep) }),
  z.object({ type: z.literal("usage"), usage: Usage }),
  // What a person or a rule acts on
  z.object({ type: z.literal("plan"), plan: Plan }),
  z.object({
    type: z.literal("question"),
    question: QuestionId,
    text: z.string(),
    options: z.array(z.string()),
    via: z.enum(["tool", "file", "plan"]),
  }),
  z.object({ type: z.literal("question_withdrawn"), question: QuestionId }),
  z.object({ type: z.literal("flag"), flag: FlagId, text: z.string() }),
  z.object({ type: z.literal("finish"), summary: z.string(), files: z.array(z.string()) }),
  z.object({ type: z.literal("approval"), approval: ApprovalId, call: GatedCall, inputHash: z.string() }),
  z.object({ type: z.literal("approval_applied"), approval: ApprovalId, verdict: Verdict }),
  z.object({ type: z.literal("approval_withdrawn"), approval: ApprovalId }),
  /** The agent waits for a person at its own terminal: nobody else can answer. `about` says for what, where that is known. */
  z.object({ type: z.literal("dialogue"), needs: TerminalNeed, about: z.string().nullable() }),
  /** `busy`: the agent goes on with its turn. */
  z.object({ type: z.literal("dialogue_ended"), busy: z.boolean() }),
]);
export type TranscriptEvent = z.infer<typeof TranscriptEvent>;

/** A numbered record of a session's log. `seq` counts from 1 over all epochs without a gap; `at` is in milliseconds. */
export const TranscriptRecord = z.object({
  seq: z.number().int().positive(),
  epoch: z.number().int().nonnegative(),
  at: z.number(),
  event: TranscriptEvent,
});
export type TranscriptRecord = z.infer<typeof TranscriptRecord>;
