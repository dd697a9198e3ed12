import { z } from "zod";
import { ToolKind } from "../../protocol/approval.ts";

// What we read of ACP's messages (https://agentclientprotocol.com/protocol/v1). An optional part that is malformed
// counts as absent: an agent that gets a detail wrong still works.

export const Initialized = z.object({
  protocolVersion: z.number(),
  agentCapabilities: z
    .object({
      loadSession: z.boolean().optional().catch(undefined),
      sessionCapabilities: z.object({ resume: z.unknown().optional() }).partial().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
export type Initialized = z.infer<typeof Initialized>;

const ModelChoice = z.object({ value: z.string(), name: z.string() });
const ConfigOption = z.object({
  id: z.string(),
  category: z.string().nullish().catch(null),
  options: z
    .array(z.union([ModelChoice, z.object({ options: z.array(ModelChoice) })]))
    .optional()
    .catch(undefined),
});

/** The answer to `session/new`, `session/resume` and `session/load`; the last two name no session. */
export const Opened = z.object({
  sessionId: z.string().optional(),
  configOptions: z.array(ConfigOption).nullish().catch(null),
  models: z
    .object({ availableModels: z.array(z.object({ modelId: z.string(), name: z.string() })) })
    .nullish()
    .catch(null),
});
export type Opened = z.infer<typeof Opened>;

const Tokens = z.number().int().nonnegative().optional().catch(undefined);
export const Prompted = z.object({
  stopReason: z.enum(["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"]),
  usage: z.object({ inputTokens: Tokens, outputTokens: Tokens }).nullish().catch(null),
});
export type Prompted = z.infer<typeof Prompted>;

/** An answer that says nothing but that it was done. */
export const Done = z.unknown();

const ContentBlock = z.union([
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.string(), uri: z.string().optional().catch(undefined) }),
]);
export type ContentBlock = z.infer<typeof ContentBlock>;

const ToolContent = z.union([
  z.object({ type: z.literal("content"), content: ContentBlock }),
  z.object({ type: z.literal("diff"), path: z.string() }),
  z.object({ type: z.string() }),
]);
export type ToolContent = z.infer<typeof ToolContent>;

/** A tool call or what has changed of it: everything but the id may be missing. */
export const ToolPart = z.object({
  toolCallId: z.string(),
  title: z.string().nullish().catch(null),
  name: z.string().nullish().catch(null),
  kind: ToolKind.nullish().catch(null),
  status: z.enum(["pending", "in_progress", "completed", "failed"]).nullish().catch(null),
  content: z.array(ToolContent).nullish().catch(null),
  locations: z
    .array(z.object({ path: z.string() }))
    .nullish()
    .catch(null),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
});
export type ToolPart = z.infer<typeof ToolPart>;

export const PermissionRequest = z.object({
  toolCall: ToolPart,
  options: z.array(z.object({ optionId: z.string(), kind: z.string() })),
});
export type PermissionRequest = z.infer<typeof PermissionRequest>;

/** A request for a part of a file: `line` counts from 1, `limit` in lines. */
export const FileToRead = z.object({
  path: z.string(),
  line: z.number().int().nullish(),
  limit: z.number().int().nullish(),
});
export type FileToRead = z.infer<typeof FileToRead>;

export const FileToWrite = z.object({ path: z.string(), content: z.string() });
export type FileToWrite = z.infer<typeof FileToWrite>;

export const Update = z.discriminatedUnion("sessionUpdate", [
  z.object({ sessionUpdate: z.literal("agent_message_chunk"), content: ContentBlock }),
  z.object({ sessionUpdate: z.literal("agent_thought_chunk"), content: ContentBlock }),
  ToolPart.extend({ sessionUpdate: z.literal("tool_call") }),
  ToolPart.extend({ sessionUpdate: z.literal("tool_call_update") }),
  z.object({
    sessionUpdate: z.literal("plan"),
    entries: z.array(z.object({ content: z.string(), status: z.string() })),
  }),
  z.object({
    sessionUpdate: z.literal("usage_update"),
    used: z.number().int().nonnegative(),
    cost: z.object({ amount: z.number().nonnegative(), currency: z.string() }).nullish().catch(null),
  }),
]);
export type Update = z.infer<typeof Update>;
