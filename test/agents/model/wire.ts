/** One thing that was said or done, in order: what all four formats have in common. */
export type Utterance =
  | { by: "user"; text: string }
  | { by: "assistant"; calls: number }
  | { by: "tool"; text: string };

/** A tool that the request offers. `freeform`: its input is text, not JSON. `namespace`: OpenAI's grouping of tools. */
export interface OfferedTool {
  name: string;
  properties: Readonly<Record<string, unknown>>;
  freeform?: boolean;
  namespace?: string;
}

/** A call of an offered tool. `input` is text exactly when the tool is freeform. */
export interface ToolCall {
  name: string;
  input: Record<string, unknown> | string;
  namespace?: string;
}

/** A request as the script player sees it. */
export interface ModelRequest {
  model: string;
  /** How long the model is to think, in the format's own words; absent where nothing is said of it. */
  thinking?: string;
  stream: boolean;
  tools: readonly OfferedTool[];
  conversation: readonly Utterance[];
  /** The caller wants JSON of this schema (a title, a class), not the script's next step. */
  schema?: unknown;
}

/** What the player answers. `overMs`: the time that the text is spread over. */
export interface Reply {
  text: string;
  overMs: number;
  calls: readonly ToolCall[];
}

/** One wire format: a body into a request, and a reply into what that product's client library expects. */
export interface WireFormat {
  readonly name: "anthropic" | "responses" | "chat" | "gemini";
  /** @throws ZodError when the body is not of this format */
  read(body: unknown, path: string): ModelRequest;
  /** @param id unique in the life of the server */
  answer(request: ModelRequest, reply: Reply, id: string): Response;
}

/** Consecutive assistant items are one answer: some formats keep its text and each of its calls apart. */
export function joinAnswers(utterances: readonly Utterance[]): Utterance[] {
  const joined: Utterance[] = [];
  for (const utterance of utterances) {
    const last = joined.at(-1);
    if (utterance.by === "assistant" && last?.by === "assistant") last.calls += utterance.calls;
    else joined.push({ ...utterance });
  }
  return joined;
}
