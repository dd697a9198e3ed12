import { z } from "zod";
import { Verdict } from "./approval.ts";
import { ApprovalId, CommandId, MessageId, QuestionId, SessionId } from "./id.ts";
import { Images } from "./image.ts";
import { Permissions } from "./permission.ts";
import { Plan } from "./plan.ts";
import { TerminalSize } from "./terminal.ts";
import { Thinking } from "./thinking.ts";
import { TranscriptRecord } from "./transcript.ts";
import { Vitals } from "./vitals.ts";

/**
 * What a host needs to start its agent. It travels over the socket only and is never written to disk, since
 * `environment` may hold credentials. `resume` is the conversation to go on with, or, with `fork`, to begin a copy of;
 * `carried` are the approvals of dead epochs whose id the same call takes over. A task's `brief` is its first prompt, for
 * an agent that may remember nothing of it; null for one that has its own memory. `left` is the plan as the attempt
 * before left it in `plan.md`, which may have been changed for this one; null: there is none.
 */
export const Launch = z.object({
  agent: z.string(),
  command: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()),
  folder: z.string(),
  /** Further folders that it may work in, outside of `folder`. */
  also: z.array(z.string()).default([]),
  model: z.string().nullable(),
  thinking: Thinking.nullable(),
  permissions: Permissions,
  resume: z.string().nullable(),
  /** What the session has cost so far, for an agent that counts from its own start. */
  cost: z.number().nonnegative(),
  fork: z.boolean(),
  carried: z.array(z.object({ approval: ApprovalId, inputHash: z.string() })),
  /** How large the terminal of an agent is at first that has one. */
  terminal: TerminalSize.nullable(),
  task: z
    .object({
      title: z.string(),
      folder: z.string(),
      plan: Plan,
      left: Plan.nullable().default(null),
      brief: z.string().nullable().default(null),
    })
    .nullable(),
});
export type Launch = z.infer<typeof Launch>;

/** What a host can be told to do. Each is logged received, sent, done; a repeat of an id is answered, not done again. */
export const HostOrder = z.discriminatedUnion("type", [
  /** A turn; while one runs it waits its turn. With `steer` the running one is cancelled, and this one is next. */
  z.object({
    type: z.literal("prompt"),
    text: z.string(),
    images: Images.optional(),
    steer: z.literal(true).optional(),
  }),
  /** The answer to a question: `text` goes back the way it was asked (tool result, file); where that way is closed, `prompt` is the next turn. */
  z.object({ type: z.literal("answer"), question: QuestionId, text: z.string(), prompt: z.string() }),
  /** A note to the worker: `text` is written into `plan.md`, `prompt` is its next turn. */
  z.object({ type: z.literal("note"), text: z.string(), prompt: z.string() }),
  /** Has the agent end its running turn; one that does not within the grace is ended. */
  z.object({ type: z.literal("interrupt"), graceMs: z.number().int().nonnegative() }),
  z.object({ type: z.literal("decide"), approval: ApprovalId, verdict: Verdict }),
  /** Ends the run: protocol cancel with a grace, TERM, KILL of everything it started; then `gone` is logged. */
  z.object({ type: z.literal("stop"), graceMs: z.number().int().nonnegative() }),
]);
export type HostOrder = z.infer<typeof HostOrder>;

/**
 * To tell a message, as the next turn or (`steer`) in place of the running one. It waits in the daemon's outbox without
 * its text; its host gets it as a prompt. `opens`: nothing was told before it. `uncertain`: an agent that died may have
 * taken it.
 */
export const MessageOrder = z.object({
  type: z.literal("message"),
  message: MessageId,
  steer: z.boolean(),
  opens: z.boolean(),
  uncertain: z.boolean(),
});
export type MessageOrder = z.infer<typeof MessageOrder>;

/** What the daemon keeps for a host to be told. */
export type Order = HostOrder | MessageOrder;

export const HostCommand = z.object({ id: CommandId, order: HostOrder });
export type HostCommand = z.infer<typeof HostCommand>;

/** Daemon to host, one JSON document a line. */
export const ToHost = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), protocol: z.number().int(), after: z.number().int().nonnegative() }),
  z.object({ type: z.literal("start"), epoch: z.number().int().positive(), launch: Launch }),
  z.object({ type: z.literal("command"), command: HostCommand }),
  /** Asks for the vitals of what it runs. */
  z.object({ type: z.literal("look") }),
  z.object({ type: z.literal("ack"), seq: z.number().int().positive() }),
  /** No agent is wanted now and everything is acknowledged: the host may exit. `over`: for good, so its folder goes too. */
  z.object({ type: z.literal("dismiss"), over: z.boolean().default(false) }),
]);
export type ToHost = z.infer<typeof ToHost>;

/** Host to daemon, one JSON document a line. `epoch` is 0 until the first start. */
export const FromHost = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: z.number().int(),
    session: SessionId,
    pid: z.number().int(),
    epoch: z.number().int().nonnegative(),
    alive: z.boolean(),
    lastSeq: z.number().int().nonnegative(),
  }),
  z.object({ type: z.literal("record"), record: TranscriptRecord }),
  z.object({ type: z.literal("vitals"), vitals: Vitals }),
]);
export type FromHost = z.infer<typeof FromHost>;
