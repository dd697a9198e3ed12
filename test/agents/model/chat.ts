import { z } from "zod";
import { eventStream, pieces, type ServerEvent } from "./event-stream.ts";
import { joinAnswers, type ModelRequest, type Reply, type Utterance, type WireFormat } from "./wire.ts";

const Text = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish();
const Body = z.looseObject({
  model: z.string(),
  reasoning_effort: z.string().optional(),
  stream: z.boolean().default(false),
  messages: z.array(
    z.looseObject({ role: z.string(), content: Text, tool_calls: z.array(z.unknown()).nullish() }),
  ),
  tools: z
    .array(
      z.object({
        function: z.looseObject({
          name: z.string(),
          parameters: z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) }).optional(),
        }),
      }),
    )
    .default([]),
});

const USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

/** OpenAI's chat completions, which most other servers of models speak too. */
export const chat: WireFormat = { name: "chat", read, answer };

function read(raw: unknown): ModelRequest {
  const body = Body.parse(raw);
  return {
    model: body.model,
    ...(body.reasoning_effort && { thinking: body.reasoning_effort }),
    stream: body.stream,
    tools: body.tools.map((tool) => ({
      name: tool.function.name,
      properties: tool.function.parameters?.properties ?? {},
    })),
    conversation: joinAnswers(body.messages.flatMap(utterances)),
  };
}

function utterances(message: z.infer<typeof Body>["messages"][number]): Utterance[] {
  switch (message.role) {
    case "user":
      return [{ by: "user", text: plain(message.content) }];
    case "tool":
      return [{ by: "tool", text: plain(message.content) }];
    case "assistant":
      return [{ by: "assistant", calls: message.tool_calls?.length ?? 0 }];
    default:
      return [];
  }
}

function plain(content: z.infer<typeof Text>): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("\n");
}

function answer(request: ModelRequest, reply: Reply, id: string): Response {
  const calls = reply.calls.map((call, index) => ({
    index,
    id: `call_${id}_${index}`,
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.input) },
  }));
  const base = { id: `chat_${id}`, created: 0, model: request.model };
  if (request.stream) return eventStream(streamed(base, reply, calls));
  const message = { role: "assistant", content: reply.text, ...(calls.length > 0 && { tool_calls: calls }) };
  const choice = { index: 0, message, finish_reason: finish(calls) };
  return Response.json({ ...base, object: "chat.completion", choices: [choice], usage: USAGE });
}

function finish(calls: readonly unknown[]): string {
  return calls.length > 0 ? "tool_calls" : "stop";
}

async function* streamed(base: object, reply: Reply, calls: readonly object[]): AsyncGenerator<ServerEvent> {
  const chunk = (delta: object, finish_reason: string | null = null): ServerEvent => ({
    data: { ...base, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] },
  });
  yield chunk({ role: "assistant", content: "" });
  for await (const content of pieces(reply.text, reply.overMs)) yield chunk({ content });
  if (calls.length > 0) yield chunk({ tool_calls: calls });
  yield chunk({}, finish(calls));
  yield { data: { ...base, object: "chat.completion.chunk", choices: [], usage: USAGE } };
  yield { data: "[DONE]" };
}
