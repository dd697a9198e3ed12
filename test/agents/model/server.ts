import { anthropic } from "./anthropic.ts";
import { chat } from "./chat.ts";
import { gemini } from "./gemini.ts";
import { responses } from "./responses.ts";
import { sample } from "./sample.ts";
import { locate, type Script } from "./script.ts";
import { concrete } from "./tools.ts";
import type { ModelRequest, Reply, WireFormat } from "./wire.ts";

/** What the server remembers of a request, for the tests to read; it plays no part in the answers. */
export interface SeenRequest {
  format: WireFormat["name"];
  /** The model that was asked for, and how long it was to think, in the format's own words (null: as it likes). */
  model: string;
  thinking: string | null;
  /** Null: a side request (a title, a check) or one that names no script. */
  script: string | null;
  /** Counted from 0; equal to the script's length once it is played out. */
  step: number;
  /** The names of the tools on offer. */
  tools: string[];
  /** The names of the tools that the answer calls. */
  calls: string[];
  /** The last thing that stands in the user's turn, and the last tool result. */
  said: string;
  result: string;
  /** Pictures in the conversation. */
  images: number;
}

export interface ModelServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** The last MAX_SEEN requests, oldest first. */
  readonly seen: readonly SeenRequest[];
  /** The first request, past or to come, that fits; rejects when the server closes before. */
  waitFor(fits: (request: SeenRequest) => boolean): Promise<SeenRequest>;
  close(): Promise<void>;
}

const MAX_SEEN = 5000;
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const IDLE_SECONDS = 255; // the longest that Bun.serve takes; slow texts need it
const SIDE_ANSWER: Reply = { text: "ok", overMs: 0, calls: [] };
const PLAYED_OUT: Reply = { text: "There is nothing more in the script.", overMs: 0, calls: [] };
const UNSCRIPTED: Reply = { text: "No script was named.", overMs: 0, calls: [] };
const FORMATS: readonly [path: RegExp, format: WireFormat][] = [
  [/\/messages$/, anthropic],
  [/\/responses$/, responses],
  [/\/chat\/completions$/, chat],
  [/\/models\/[^/]+:(stream)?[gG]enerateContent$/, gemini],
];

const IMAGE_TYPES = new Set<unknown>(["image", "input_image", "image_url"]);

/**
 * A model that plays scripts, on a loopback port of its own, in four wire formats. It asks for no key, keeps no state of
 * a conversation, and takes the next step from the conversation that a request carries.
 */
export function startModelServer(scripts: Readonly<Record<string, Script>>): ModelServer {
  const seen: SeenRequest[] = [];
  const waiting = new Set<Waiting>();
  const remember = (request: SeenRequest) => {
    seen.push(request);
    if (seen.length > MAX_SEEN) seen.shift();
    for (const one of waiting) if (one.fits(request)) one.resolve(request);
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: MAX_BODY_BYTES,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const format = FORMATS.find(([path]) => path.test(pathname))?.[1];
      if (request.method !== "POST" || format === undefined) return sideRoute(request.method, pathname);
      const body: unknown = await request.json();
      const asked = format.read(body, pathname);
      const played = play(asked, scripts);
      remember({ ...noted(format, asked, played), images: imagesIn(body) });
      return format.answer(asked, played.reply, crypto.randomUUID());
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    seen,
    waitFor: (fits) => waitFor(fits, seen, waiting),
    async close() {
      for (const one of waiting) one.reject(new Error("the model server was closed"));
      await server.stop(true);
    },
  };
}

interface Waiting {
  fits(request: SeenRequest): boolean;
  resolve(request: SeenRequest): void;
  reject(reason: Error): void;
}

async function waitFor(
  fits: Waiting["fits"],
  seen: readonly SeenRequest[],
  waiting: Set<Waiting>,
): Promise<SeenRequest> {
  const past = seen.find(fits);
  if (past !== undefined) return past;
  const { promise, resolve, reject } = Promise.withResolvers<SeenRequest>();
  const one: Waiting = { fits, resolve, reject };
  waiting.add(one);
  return promise.finally(() => waiting.delete(one));
}

interface Played {
  reply: Reply;
  script: string | null;
  step: number;
}

function side(reply: Reply): Played {
  return { reply, script: null, step: 0 };
}

function play(
  { tools, conversation, schema }: ModelRequest,
  scripts: Readonly<Record<string, Script>>,
): Played {
  if (schema !== undefined) return side({ ...SIDE_ANSWER, text: JSON.stringify(sample(schema)) });
  if (tools.length === 0) return side(SIDE_ANSWER);
  const position = locate(conversation, scripts);
  if (position === null) return side(UNSCRIPTED);
  const { script, index, step } = position;
  if (step === null) return { reply: PLAYED_OUT, script, step: index };
  const calls = (step.calls ?? []).map((call) => concrete(call, tools));
  return { reply: { text: step.text ?? "", overMs: step.overMs ?? 0, calls }, script, step: index };
}

/** How many parts of a request are pictures, in any of the formats. */
function imagesIn(part: unknown): number {
  if (typeof part !== "object" || part === null) return 0;
  const isImage =
    ("type" in part && IMAGE_TYPES.has(part.type)) || "inlineData" in part || "inline_data" in part;
  return isImage ? 1 : Object.values(part).reduce((sum: number, each) => sum + imagesIn(each), 0);
}

function noted(
  format: WireFormat,
  asked: ModelRequest,
  { reply, script, step }: Played,
): Omit<SeenRequest, "images"> {
  const last = (by: "user" | "tool") => asked.conversation.findLast((utterance) => utterance.by === by);
  const text = (utterance: ReturnType<typeof last>) =>
    utterance && "text" in utterance ? utterance.text : "";
  return {
    format: format.name,
    model: asked.model,
    thinking: asked.thinking ?? null,
    script,
    step,
    tools: asked.tools.map((tool) => tool.name),
    calls: reply.calls.map((call) => call.name),
    said: text(last("user")),
    result: text(last("tool")),
  };
}

/** Token counts and model lists, which the products ask for beside the conversation. */
function sideRoute(method: string, path: string): Response {
  if (path.endsWith("/messages/count_tokens")) return Response.json({ input_tokens: 100 });
  if (path.endsWith(":countTokens")) return Response.json({ totalTokens: 100 });
  if (method === "GET" && path.endsWith("/models")) {
    return Response.json({ object: "list", data: [], models: [] });
  }
  const error = { type: "not_found_error", message: `no such path: ${path}` };
  return Response.json({ error }, { status: 404 });
}
