import { z } from "zod";
import { HookReport, HookTool } from "./hook-report.ts";
import { MessageId, SessionId } from "./id.ts";
import { MAX_HOOK_TEXT } from "./limit.ts";

const MAX_MARK_LENGTH = 200;

/** Names a process, such as one Claude Code, or the hook that it runs: see `client/process-mark.ts`. */
export const ProcessMark = z.string().min(1).max(MAX_MARK_LENGTH);

/** A pane of a tmux server: the server's socket, its own id of the pane, and how people call it (`session:window.pane`). */
export const Pane = z.object({ server: z.string(), id: z.string(), address: z.string() });
export type Pane = z.infer<typeof Pane>;

/**
 * What is known of an agent that somebody started outside of Dispatch. `process` and `boot` name the process that runs
 * it (one that serves several terminals may run several); `hooks`: its hooks report here, and take messages to it;
 * `proven`: its state is known, by its hooks or by its own record; `saidAt` is when it last gave a sign of life.
 */
export const Outside = z.object({
  process: ProcessMark,
  boot: z.string(),
  hooks: z.boolean(),
  proven: z.boolean(),
  pane: Pane.nullable(),
  tool: HookTool.nullable(),
  saidAt: z.number(),
});
export type Outside = z.infer<typeof Outside>;

/** The process of an agent's hook, which stands below the agent's own, and the conversation that it is of. */
export const HookRef = z.strictObject({
  reporter: ProcessMark,
  conversation: z.string().max(MAX_HOOK_TEXT).optional(),
});
export type HookRef = z.infer<typeof HookRef>;

/**
 * What a hook says happened in its agent. `mode` is what the agent may do unasked, in its own word; `tmux` the socket
 * of the tmux server that it runs in. `relayed`: the hook is another program's, which says little and takes no messages.
 */
export const HookCall = z.strictObject({
  reporter: ProcessMark,
  report: HookReport,
  mode: z.string().max(MAX_MARK_LENGTH).optional(),
  tmux: z.string().max(MAX_HOOK_TEXT).optional(),
  relayed: z.boolean().default(false),
  at: z.number(),
});
export type HookCall = z.infer<typeof HookCall>;

/** A message on its way to an agent outside, in the words that it is told. */
export const Handing = z.object({ message: MessageId, text: z.string() });
export type Handing = z.infer<typeof Handing>;

/** A conversation that an agent keeps in its own files. `title` is the beginning of its first prompt. */
export const Conversation = z.object({
  agent: z.string(),
  id: z.string(),
  folder: z.string(),
  title: z.string(),
  updatedAt: z.number(),
  /** The session that it goes on in, where there is one: ours, or one outside. */
  session: SessionId.nullable(),
});
export type Conversation = z.infer<typeof Conversation>;
