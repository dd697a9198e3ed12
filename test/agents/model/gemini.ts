import { z } from "zod";
import { eventStream, pieces, type ServerEvent } from "./event-stream.ts";
import { joinAnswers, type ModelRequest, type Reply, type Utterance, type WireFormat } from "./wire.ts";

const Schema = z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) });
const Part = z.looseObject({
  text: z.string().optional(),
  functionCall: z.unknown().optional(),
  functionResponse: z.looseObject({ response: z.unknown() }).optional(),
});
const Body = z.looseObject({
  contents: z.array(z.looseObject({ role: z.string().optional(), parts: z.array(Part).default([]) })),
  tools: z
    .array(
      z.looseObject({
        functionDeclarations: z
          .array(
            z.looseObject({
              name: z.string(),
              parameters: Schema.optional(),
              parametersJsonSchema: Schema.optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  generationConfig: z
    .looseObject({ responseJsonSchema: z.unknown().optional(), responseSchema: z.unknown().optional() })
    .optional(),
});

const PATH = /models\/([^:/]+):(generateContent|streamGenerateContent)$/;
const USAGE = { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 };

/** Gemini's generateContent and streamGenerateContent; the model is named by the path. */
export const gemini: WireFormat = { name: "gemini", read, answer };

function read(raw: unknown, path: string): ModelRequest {
  const body = Body.parse(raw);
  const [, model = "", method] = PATH.exec(path) ?? [];
  const config = body.generationConfig;
  return {
    model,
    stream: method === "streamGenerateContent",
    tools: body.tools.flatMap((tool) => tool.functionDeclarations).map(offered),
    conversation: joinAnswers(
      body.contents.flatMap((content) => content.parts.map((part) => utterance(content.role, part))),
    ),
    schema: config?.responseJsonSchema ?? config?.responseSchema,
  };
}

function offered(tool: z.infer<typeof Body>["tools"][number]["functionDeclarations"][number]) {
  return { name: tool.name, properties: (tool.parametersJsonSchema ?? tool.parameters)?.properties ?? {} };
}

function utterance(role: string | undefined, part: z.infer<typeof Part>): Utterance {
  if (part.functionResponse !== undefined) {
    return { by: "tool", text: JSON.stringify(part.functionResponse.response) };
  }
  if (role === "model") return { by: "assistant", calls: part.functionCall === undefined ? 0 : 1 };
  return { by: "user", text: part.text ?? "" };
}

function answer(request: ModelRequest, reply: Reply, id: string): Response {
  const calls = reply.calls.map((call) => ({ functionCall: { name: call.name, args: call.input } }));
  const chunk = (parts: readonly object[], finishReason?: string) => ({
    candidates: [{ content: { role: "model", parts }, index: 0, ...(finishReason && { finishReason }) }],
    usageMetadata: USAGE,
    modelVersion: request.model,
    responseId: id,
  });
  if (request.stream) return eventStream(streamed(chunk, reply, calls));
  const text = reply.text === "" ? [] : [{ text: reply.text }];
  return Response.json(chunk([...text, ...calls], "STOP"));
}

async function* streamed(
  chunk: (parts: readonly object[], finishReason?: string) => object,
  reply: Reply,
  calls: readonly object[],
): AsyncGenerator<ServerEvent> {
  for await (const text of pieces(reply.text, reply.overMs)) yield { data: chunk([{ text }]) };
  yield { data: chunk(calls.length > 0 ? calls : [{ text: "" }], "STOP") };
}
