import { z } from "zod";
import { codeModeTools, inCode, isCodeMode } from "./code-mode.ts";
import { eventStream, pieces, type ServerEvent } from "./event-stream.ts";
import {
  joinAnswers,
  type ModelRequest,
  type OfferedTool,
  type Reply,
  type ToolCall,
  type Utterance,
  type WireFormat,
} from "./wire.ts";

const Text = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish();
const Tool = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  parameters: z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) }).nullish(),
});
const ToolOrGroup = z.union([Tool.extend({ type: z.literal("namespace"), tools: z.array(Tool) }), Tool]);
const Item = z.looseObject({
  type: z.string().default("message"),
  role: z.string().optional(),
  content: Text,
  output: z.unknown().optional(),
  tools: z.array(ToolOrGroup).optional(),
});
const Body = z.looseObject({
  model: z.string(),
  reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
  stream: z.boolean().default(false),
  input: z.union([z.string().transform((content) => [Item.parse({ role: "user", content })]), z.array(Item)]),
  tools: z.array(ToolOrGroup).nullish(),
  text: z.looseObject({ format: z.looseObject({ schema: z.unknown().optional() }).optional() }).optional(),
});
type Item = z.infer<typeof Item>;

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 10,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 110,
};

/**
 * OpenAI's responses API as Codex uses it. Newer models get their tools as an input item of type `additional_tools`,
 * and some have one tool only, which runs JavaScript (see code-mode.ts).
 */
export const responses: WireFormat = { name: "responses", read, answer };

function read(raw: unknown): ModelRequest {
  const body = Body.parse(raw);
  const groups = [...(body.tools ?? []), ...body.input.flatMap((item) => item.tools ?? [])];
  return {
    model: body.model,
    ...(body.reasoning?.effort && { thinking: body.reasoning.effort }),
    stream: body.stream,
    tools: groups.flatMap((group) => offered(group)),
    conversation: joinAnswers(body.input.flatMap(utterances)),
    schema: body.text?.format?.schema,
  };
}

function offered(tool: z.infer<typeof ToolOrGroup>, namespace?: string): OfferedTool[] {
  if ("tools" in tool)
    return (tool.tools as z.infer<typeof Tool>[]).flatMap((inner) => offered(inner, tool.name));
  if (tool.name === undefined) return [];
  const freeform = tool.type === "custom";
  if (isCodeMode(tool.name, freeform)) return codeModeTools(tool.description ?? "");
  const properties = tool.parameters?.properties ?? {};
  return [{ name: tool.name, properties, freeform, ...(namespace !== undefined && { namespace }) }];
}

function utterances(item: Item): Utterance[] {
  if (item.type.endsWith("_call_output")) return [{ by: "tool", text: plain(item.output) }];
  if (item.type.endsWith("_call")) return [{ by: "assistant", calls: 1 }];
  if (item.role === "assistant") return [{ by: "assistant", calls: 0 }];
  if (item.role === "user") return [{ by: "user", text: plain(item.content) }];
  return [];
}

function plain(content: unknown): string {
  const text = Text.safeParse(content);
  if (!text.success) return JSON.stringify(content);
  if (typeof text.data === "string") return text.data;
  return (text.data ?? []).map((part) => part.text ?? "").join("\n");
}

function answer(request: ModelRequest, reply: Reply, id: string): Response {
  const base = { id: `resp_${id}`, object: "response", created_at: 0, model: request.model, tools: [] };
  const calls = reply.calls.map((call, index) => callItem(call, `${id}_${index}`));
  if (request.stream) return eventStream(streamed(base, reply, calls, `msg_${id}`));
  const text = reply.text === "" ? [] : [messageItem(`msg_${id}`, reply.text)];
  return Response.json({ ...base, status: "completed", output: [...text, ...calls], usage: USAGE });
}

function messageItem(id: string, text: string) {
  const content = [{ type: "output_text", text, annotations: [] }];
  return { type: "message", id, role: "assistant", status: "completed", content };
}

type CallItem = ReturnType<typeof callItem>;

function callItem(call: ToolCall, id: string) {
  const { name, input, namespace } = inCode(call);
  const base = { call_id: `call_${id}`, name, ...(namespace && { namespace }), status: "completed" };
  return typeof input === "string"
    ? { type: "custom_tool_call" as const, id: `ctc_${id}`, ...base, input }
    : { type: "function_call" as const, id: `fc_${id}`, ...base, arguments: JSON.stringify(input) };
}

async function* streamed(
  base: object,
  reply: Reply,
  calls: readonly CallItem[],
  messageId: string,
): AsyncGenerator<ServerEvent> {
  let sequence_number = 0;
  const event = (type: string, data: object): ServerEvent => ({
    event: type,
    data: { type, sequence_number: sequence_number++, ...data },
  });
  const output: object[] = [];
  yield event("response.created", { response: { ...base, status: "in_progress", output: [] } });
  if (reply.text !== "") {
    const item = messageItem(messageId, reply.text);
    const place = { item_id: item.id, output_index: 0, content_index: 0 };
    const opened = { ...item, status: "in_progress", content: [] };
    yield event("response.output_item.added", { output_index: 0, item: opened });
    yield event("response.content_part.added", {
      ...place,
      part: { type: "output_text", text: "", annotations: [] },
    });
    for await (const delta of pieces(reply.text, reply.overMs)) {
      yield event("response.output_text.delta", { ...place, delta });
    }
    yield event("response.output_text.done", { ...place, text: reply.text });
    yield event("response.output_item.done", { output_index: 0, item });
    output.push(item);
  }
  for (const item of calls) {
    const output_index = output.length;
    const empty = item.type === "function_call" ? { arguments: "" } : { input: "" };
    yield event("response.output_item.added", {
      output_index,
      item: { ...item, status: "in_progress", ...empty },
    });
    yield event("response.output_item.done", { output_index, item });
    output.push(item);
  }
  yield event("response.completed", { response: { ...base, status: "completed", output, usage: USAGE } });
}
