import * as z from "zod/mini";
import { Count, maybe, parseLine } from "../json-line.ts";
import { NOTHING, type Said } from "../output.ts";
import { saidText, toolEnd, toolOutputs } from "../tool.ts";

// `gemini -o stream-json` (https://geminicli.com/docs/cli/headless).

const Line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("init"), session_id: z.string() }),
  z.object({ type: z.literal("message"), role: z.string(), content: z.string() }),
  z.object({
    type: z.literal("tool_use"),
    tool_name: z.string(),
    tool_id: z.string(),
    parameters: z.optional(z.unknown()),
  }),
  z.object({
    type: z.literal("tool_result"),
    tool_id: z.string(),
    status: z.string(),
    output: maybe(z.string()),
    error: maybe(z.object({ message: z.string() })),
  }),
  z.object({ type: z.literal("error"), severity: maybe(z.string()), message: z.string() }),
  z.object({
    type: z.literal("result"),
    status: z.string(),
    error: maybe(z.object({ message: z.string() })),
    stats: maybe(z.object({ input_tokens: Count, output_tokens: Count })),
  }),
]);
type Line = z.infer<typeof Line>;

export function readGemini(text: string): Said | null {
  const line = parseLine(text, Line);
  if (line === null) return null;
  switch (line.type) {
    case "init":
      return { outputs: [], conversation: line.session_id };
    case "message":
      return line.role === "assistant" ? { outputs: saidText(line.content) } : NOTHING;
    case "tool_use": {
      const { tool_id: call, tool_name: name, parameters: input = null } = line;
      return { outputs: toolOutputs({ call, name, input, status: "in_progress" }) };
    }
    case "tool_result": {
      const output = line.output ?? line.error?.message ?? null;
      return { outputs: [toolEnd(line.tool_id, { failed: line.status !== "success", output })] };
    }
    case "error":
      return { outputs: [{ type: "notice", level: "warning", text: line.message }] };
    case "result":
      return ended(line);
  }
}

function ended({ status, error, stats }: Extract<Line, { type: "result" }>): Said {
  const usage = stats && { inputTokens: stats.input_tokens, outputTokens: stats.output_tokens };
  const outputs: Said["outputs"] = usage ? [{ type: "usage", usage }] : [];
  if (status === "success") return { outputs };
  return { outputs, failure: { end: "error", message: error?.message ?? status } };
}
