import { z } from "zod";
import { MAX_HOOK_COMMAND, MAX_HOOK_TEXT } from "./limit.ts";

const text = z.string().max(MAX_HOOK_TEXT);

/**
 * A tool call as far as it is anybody's business: what it is called, the path that it is about, and the beginning of a
 * command line. What a tool reads, writes or answers is in no report.
 */
export const HookTool = z.object({
  /** The agent's own id of the call, where it has one. */
  call: text.nullable(),
  name: text,
  path: text.nullable(),
  command: z.string().max(MAX_HOOK_COMMAND).nullable(),
});
export type HookTool = z.infer<typeof HookTool>;

/** Whose hook it was: the product, its own id of the conversation, the folder that it works in, and whether a subagent's. */
const told = { agent: text, conversation: text, folder: text, subagent: z.literal(true).optional() };

/**
 * What an agent's own hook says that happens in it. `prompt` is a turn that begins: `digest` names its text (`promptKey`
 * of core/hook-report.ts, SHA-256 in hex) for whoever knows it already. `asks` is a dialogue that waits for its person.
 * A turn is over with `turn_ended` or `interrupted`; after an interruption not every product says so.
 */
export const HookReport = z.discriminatedUnion("event", [
  z.object({
    ...told,
    event: z.literal("started"),
    source: z.enum(["startup", "resume", "clear", "compact", "fork"]),
  }),
  z.object({ ...told, event: z.literal("prompt"), digest: text }),
  z.object({ ...told, event: z.literal("tool_started"), tool: HookTool }),
  z.object({ ...told, event: z.literal("tool_ended"), tool: HookTool, failed: z.boolean() }),
  z.object({
    ...told,
    event: z.literal("asks"),
    needs: z.enum(["approval", "question"]),
    tool: HookTool.nullable(),
  }),
  z.object({ ...told, event: z.literal("turn_ended"), failed: z.boolean() }),
  z.object({ ...told, event: z.literal("interrupted") }),
  z.object({ ...told, event: z.literal("subagent_ended") }),
  z.object({ ...told, event: z.literal("compacting") }),
  z.object({ ...told, event: z.literal("ended") }),
]);
export type HookReport = z.infer<typeof HookReport>;
