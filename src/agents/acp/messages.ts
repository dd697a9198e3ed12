import * as z from "zod/mini";
import { catch as otherwise } from "zod/mini";
import { TOOL_KINDS } from "../../protocol/tool-kind.ts";

// What we read of ACP's messages (https://agentclientprotocol.com/protocol/v1). An optional part that is malformed
// counts as absent: an agent that gets a detail wrong still works. In zod's small form, since every host carries it.

/** Absent, null, malformed: all null. */
function maybe<Schema extends z.ZodMiniType>(schema: Schema) {
  return otherwise(z.nullable(schema), null);
}

export const Initialized = z.object({
  protocolVersion: z.number(),
  agentCapabilities: maybe(
    z.object({
      loadSession: maybe(z.boolean()),
      promptCapabilities: maybe(z.object({ image: maybe(z.boolean()) })),
      sessionCapabilities: maybe(
        z.object({
          resume: z.optional(z.unknown()),
          fork: z.optional(z.unknown()),
          additionalDirectories: z.optional(z.unknown()),
        }),
      ),
    }),
  ),
  authMethods: maybe(z.array(z.object({ id: z.string() }))),
});
export type Initialized = z.infer<typeof Initialized>;

const Choice = z.object({ value: z.string(), name: z.string() });
const ConfigOption = z.object({
  id: z.string(),
  category: maybe(z.string()),
  options: maybe(z.array(z.union([Choice, z.object({ options: z.array(Choice) })]))),
});
export type ConfigOption = z.infer<typeof ConfigOption>;

/** The answer to `session/new`, `session/resume` and `session/load`; the last two name no session. */
export const Opened = z.object({
  sessionId: z.optional(z.string()),
  configOptions: maybe(z.array(ConfigOption)),
  models: maybe(z.object({ availableModels: z.array(z.object({ modelId: z.string(), name: z.string() })) })),
});
export type Opened = z.infer<typeof Opened>;

/** The answer to `session/set_config_option`: all options, since one may change what another offers. */
export const Configured = z.object({ configOptions: maybe(z.array(ConfigOption)) });

const Count = z.int().check(z.nonnegative());
export const Prompted = z.object({
  stopReason: z.enum(["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"]),
  usage: maybe(z.object({ inputTokens: maybe(Count), outputTokens: maybe(Count) })),
});
export type Prompted = z.infer<typeof Prompted>;

/** An answer that says nothing but that it was done. */
export const Done = z.unknown();

const ContentBlock = z.union([
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.string(), uri: maybe(z.string()) }),
]);
export type ContentBlock = z.infer<typeof ContentBlock>;

const ToolContent = z.union([
  z.object({ type: z.literal("content"), content: ContentBlock }),
  z.object({
    type: z.literal("diff"),
    path: z.string(),
    oldText: maybe(z.string()),
    newText: maybe(z.string()),
  }),
  z.object({ type: z.string() }),
]);
export type ToolContent = z.infer<typeof ToolContent>;

/** A tool call or what has changed of it: everything but the id may be missing. */
const ToolPart = z.object({
  toolCallId: z.string(),
  title: maybe(z.string()),
  name: maybe(z.string()),
  kind: maybe(z.enum(TOOL_KINDS)),
  status: maybe(z.enum(["pending", "in_progress", "completed", "failed"])),
  content: maybe(z.array(ToolContent)),
  locations: maybe(z.array(z.object({ path: z.string() }))),
  rawInput: z.optional(z.unknown()),
  rawOutput: z.optional(z.unknown()),
});
export type ToolPart = z.infer<typeof ToolPart>;

export const PermissionRequest = z.object({
  toolCall: ToolPart,
  options: z.array(z.object({ optionId: z.string(), kind: z.string() })),
});
export type PermissionRequest = z.infer<typeof PermissionRequest>;

/** A request for a part of a file: `line` counts from 1, `limit` in lines. */
export const FileToRead = z.object({ path: z.string(), line: maybe(Count), limit: maybe(Count) });
export type FileToRead = z.infer<typeof FileToRead>;

export const FileToWrite = z.object({ path: z.string(), content: z.string() });
export type FileToWrite = z.infer<typeof FileToWrite>;

export const Update = z.discriminatedUnion("sessionUpdate", [
  z.object({ sessionUpdate: z.literal("agent_message_chunk"), content: ContentBlock }),
  z.object({ sessionUpdate: z.literal("agent_thought_chunk"), content: ContentBlock }),
  z.extend(ToolPart, { sessionUpdate: z.literal("tool_call") }),
  z.extend(ToolPart, { sessionUpdate: z.literal("tool_call_update") }),
  z.object({
    sessionUpdate: z.literal("plan"),
    entries: z.array(z.object({ content: z.string(), status: z.string() })),
  }),
  z.object({
    sessionUpdate: z.literal("usage_update"),
    used: Count,
    size: maybe(Count),
    cost: maybe(z.object({ amount: z.number().check(z.nonnegative()), currency: z.string() })),
    _meta: maybe(
      z.object({ "_claude/rateLimit": maybe(z.object({ status: z.string(), resetsAt: maybe(z.number()) })) }),
    ),
  }),
  z.object({
    sessionUpdate: z.literal("session_info_update"),
    _meta: maybe(
      z.object({
        codex: maybe(
          z.object({ threadStatus: maybe(z.object({ type: z.string() })), error: maybe(z.unknown()) }),
        ),
      }),
    ),
  }),
]);
export type Update = z.infer<typeof Update>;
