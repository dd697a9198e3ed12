import * as z from "zod/mini";
import { Cost, Count, maybe, parseLine } from "../json-line.ts";
import { NOTHING, type RunFailure, type Said } from "../output.ts";
import { saidText, toolEnd, toolOutputs } from "../tool.ts";

// `claude -p --output-format stream-json` (https://code.claude.com/docs/en/headless), which Qwen Code prints as well.

const Content = z.union([z.string(), z.array(z.object({ text: maybe(z.string()) }))]);
const Block = z.union([
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("thinking"), thinking: z.string() }),
  z.object({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.unknown() }),
  z.object({
    type: z.literal("tool_result"),
    tool_use_id: z.string(),
    content: maybe(Content),
    is_error: maybe(z.boolean()),
  }),
  z.object({ type: z.string() }),
]);
type Block = z.infer<typeof Block>;
const session = { session_id: maybe(z.string()) };
const Message = z.object({ content: z.union([z.string(), z.array(Block)]) });

const Line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("system"), ...session }),
  z.object({ type: z.literal("assistant"), message: Message, error: maybe(z.string()), ...session }),
  z.object({ type: z.literal("user"), message: Message, ...session }),
  z.object({
    type: z.literal("result"),
    subtype: z.string(),
    is_error: maybe(z.boolean()),
    result: maybe(z.string()),
    total_cost_usd: maybe(Cost),
    usage: maybe(z.object({ input_tokens: maybe(Count), output_tokens: maybe(Count) })),
    ...session,
  }),
  z.object({
    type: z.enum(["stream_event", "rate_limit_event", "tool_progress", "auth_status"]),
    ...session,
  }),
]);
type Line = z.infer<typeof Line>;

export function readClaude(line: string): Said | null {
  const parsed = parseLine(line, Line);
  if (parsed === null) return null;
  const said = saidBy(parsed);
  return parsed.session_id === null ? said : { ...said, conversation: parsed.session_id };
}

function saidBy(line: Line): Said {
  switch (line.type) {
    case "assistant":
      if (line.error !== null) return { outputs: [], failure: failureOf(line.error, line.message) };
      return { outputs: blocksOf(line.message).flatMap(outputsOf) };
    case "user":
      return { outputs: blocksOf(line.message).flatMap(resultOf) };
    case "result":
      return ended(line);
    case "system":
    case "stream_event":
    case "rate_limit_event":
    case "tool_progress":
    case "auth_status":
      return NOTHING;
  }
}

function blocksOf({ content }: z.infer<typeof Message>): Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function outputsOf(block: Block): Said["outputs"] {
  if ("thinking" in block) return block.thinking === "" ? [] : [{ type: "thought", text: block.thinking }];
  if ("text" in block) return saidText(block.text);
  if (!("name" in block)) return [];
  return toolOutputs({ call: block.id, name: block.name, input: block.input, status: "in_progress" });
}

function resultOf(block: Block): Said["outputs"] {
  if (!("tool_use_id" in block)) return [];
  return [toolEnd(block.tool_use_id, { failed: block.is_error === true, output: textOf(block.content) })];
}

function textOf(content: z.infer<typeof Content> | null): string | null {
  if (content === null || typeof content === "string") return content;
  return content.map(({ text }) => text ?? "").join("\n");
}

function failureOf(error: string, message: z.infer<typeof Message>): RunFailure {
  const text = blocksOf(message)
    .map((block) => ("text" in block ? block.text : ""))
    .join("");
  return { end: "error", message: text || error, data: { errorKind: error } };
}

function ended(line: Extract<Line, { type: "result" }>): Said {
  const { input_tokens: input, output_tokens: output } = line.usage ?? {
    input_tokens: null,
    output_tokens: null,
  };
  const usage = {
    ...(input === null ? {} : { inputTokens: input }),
    ...(output === null ? {} : { outputTokens: output }),
    ...(line.total_cost_usd === null ? {} : { cost: line.total_cost_usd, currency: "USD" }),
  };
  const outputs: Said["outputs"] = Object.keys(usage).length > 0 ? [{ type: "usage", usage }] : [];
  if (line.subtype === "error_max_turns") return { outputs, failure: { end: "max_turn_requests" } };
  if (line.is_error !== true && line.subtype === "success") return { outputs };
  return { outputs, failure: { end: "error", message: line.result ?? line.subtype } };
}
