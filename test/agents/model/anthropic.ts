import { z } from "zod";
import { eventStream, pieces, type ServerEvent } from "./event-stream.ts";
import { joinAnswers, type ModelRequest, type Reply, type Utterance, type WireFormat } from "./wire.ts";

const Text = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]);
const Block = z.looseObject({ type: z.string(), text: z.string().optional(), content: Text.optional() });
const Body = z.looseObject({
  model: z.string(),
  thinking: z.looseObject({ type: z.string() }).optional(),
  output_config: z.looseObject({ effort: z.string().optional() }).optional(),
  stream: z.boolean().default(false),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Block)]) })),
  tools: z
    .array(
      z.looseObject({
        name: z.string(),
        input_schema: z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) }).optional(),
      }),
    )
    .default([]),
});

const USAGE = {
  input_tokens: 100,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 10,
};

/** Anthropic's messages API, as its public reference describes it. */
export const anthropic: WireFormat = { name: "anthropic", read, answer };

function read(raw: unknown): ModelRequest {
  const body = Body.parse(raw);
  return {
    model: body.model,
    ...(body.thinking && { thinking: body.output_config?.effort ?? body.thinking.type }),
    stream: body.stream,
    tools: body.tools.flatMap(({ name, input_schema }) =>
      input_schema === undefined ? [] : [{ name, properties: input_schema.properties }],
    ),
    conversation: joinAnswers(body.messages.flatMap(utterances)),
  };
}

function utterances({ role, content }: z.infer<typeof Body>["messages"][number]): Utterance[] {
  const blocks =
    typeof content === "string" ? [{ type: "text", text: content, content: undefined }] : content;
  if (role === "assistant") {
    return [{ by: "assistant", calls: blocks.filter((block) => block.type === "tool_use").length }];
  }
  if (role !== "user") return [];
  return blocks.map((block) =>
    block.type === "tool_result"
      ? { by: "tool", text: plain(block.content) }
      : { by: "user", text: block.text ?? "" },
  );
}

function plain(content: z.infer<typeof Text> | undefined): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return content.map((block) => block.text ?? "").join("\n");
}

function answer(request: ModelRequest, reply: Reply, id: string): Response {
  const uses = reply.calls.map((call, index) => ({
    type: "tool_use",
    id: `toolu_${id}_${index}`,
    name: call.name,
    input: call.input,
  }));
  const message = {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model: request.model,
    stop_sequence: null,
  };
  const stop = uses.length > 0 ? "tool_use" : "end_turn";
  if (request.stream) return eventStream(streamed(message, stop, reply, uses));
  const text = reply.text === "" ? [] : [{ type: "text", text: reply.text }];
  return Response.json({ ...message, content: [...text, ...uses], stop_reason: stop, usage: USAGE });
}

async function* streamed(
  message: object,
  stop: string,
  reply: Reply,
  uses: readonly { input: unknown }[],
): AsyncGenerator<ServerEvent> {
  const event = (type: string, data: object): ServerEvent => ({ event: type, data: { type, ...data } });
  let index = 0;
  yield event("message_start", { message: { ...message, content: [], stop_reason: null, usage: USAGE } });
  if (reply.text !== "") {
    yield event("content_block_start", { index, content_block: { type: "text", text: "" } });
    for await (const text of pieces(reply.text, reply.overMs)) {
      yield event("content_block_delta", { index, delta: { type: "text_delta", text } });
    }
    yield event("content_block_stop", { index });
    index += 1;
  }
  for (const use of uses) {
    yield event("content_block_start", { index, content_block: { ...use, input: {} } });
    const delta = { type: "input_json_delta", partial_json: JSON.stringify(use.input) };
    yield event("content_block_delta", { index, delta });
    yield event("content_block_stop", { index });
    index += 1;
  }
  yield event("message_delta", { delta: { stop_reason: stop, stop_sequence: null }, usage: USAGE });
  yield event("message_stop", {});
}
