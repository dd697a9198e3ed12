import * as z from "zod/mini";
import { maybe, parseLine } from "../json-line.ts";
import { NOTHING, type Said } from "../output.ts";
import { saidText, toolEnd, toolOutputs } from "../tool.ts";

// `agent -p --output-format stream-json` (https://cursor.com/docs/cli/reference/output-format).

const session = { session_id: maybe(z.string()) };
const Message = z.object({ content: z.array(z.object({ text: maybe(z.string()) })) });

const Line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("system"), ...session }),
  z.object({ type: z.literal("user"), ...session }),
  z.object({ type: z.literal("assistant"), message: Message, ...session }),
  z.object({ type: z.literal("thinking"), ...session }),
  z.object({
    type: z.literal("tool_call"),
    subtype: z.enum(["started", "completed"]),
    call_id: z.string(),
    tool_call: z.record(z.string(), z.unknown()),
    ...session,
  }),
  z.object({
    type: z.literal("result"),
    is_error: maybe(z.boolean()),
    result: maybe(z.string()),
    ...session,
  }),
]);
type Line = z.infer<typeof Line>;

/** A call is an object of one key, such as `writeToolCall`; an unknown tool stands as `function`. */
const Call = z.object({ args: z.optional(z.unknown()), result: z.optional(z.unknown()) });
const FunctionCall = z.object({ name: z.string(), arguments: maybe(z.string()) });
const CALL_SUFFIX = /ToolCall$/;

export function readCursor(text: string): Said | null {
  const line = parseLine(text, Line);
  if (line === null) return null;
  const said = saidBy(line);
  return line.session_id === null ? said : { ...said, conversation: line.session_id };
}

function saidBy(line: Line): Said {
  switch (line.type) {
    case "assistant":
      return { outputs: line.message.content.flatMap(({ text }) => saidText(text ?? "")) };
    case "tool_call":
      return { outputs: toolOf(line) };
    case "result":
      if (line.is_error !== true) return NOTHING;
      return { outputs: [], failure: { end: "error", message: line.result ?? "it failed without a reason" } };
    case "system":
    case "user":
    case "thinking":
      return NOTHING;
  }
}

function toolOf({
  call_id: call,
  subtype,
  tool_call,
}: Extract<Line, { type: "tool_call" }>): Said["outputs"] {
  const { name, input, result } = callIn(tool_call);
  if (subtype === "started") return toolOutputs({ call, name, input, status: "in_progress" });
  const failed = typeof result === "object" && result !== null && !("success" in result);
  return [toolEnd(call, { failed, output: shown(result) })];
}

function callIn(call: Readonly<Record<string, unknown>>): { name: string; input: unknown; result: unknown } {
  const own = FunctionCall.safeParse(call["function"]);
  if (own.success) return { name: own.data.name, input: own.data.arguments, result: undefined };
  const [key, value] = Object.entries(call).find(([name]) => CALL_SUFFIX.test(name)) ?? ["tool", {}];
  const parsed = Call.safeParse(value);
  const { args = null, result } = parsed.success ? parsed.data : {};
  return { name: key.replace(CALL_SUFFIX, ""), input: args, result };
}

/** A result is `{success: …}`, or the same with another word for what went wrong. */
function shown(result: unknown): string | null {
  const inside = Object.values((result ?? {}) as Record<string, unknown>)[0];
  if (inside === undefined) return null;
  const { stdout, content, output } = inside as Record<string, unknown>;
  const text = [stdout, content, output, inside].find((each) => typeof each === "string");
  return typeof text === "string" ? text : JSON.stringify(inside);
}
