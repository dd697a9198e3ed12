import * as z from "zod/mini";
import { Cost, Count, maybe, parseLine } from "../json-line.ts";
import { NOTHING, type Said } from "../output.ts";
import { saidText, toolOutputs } from "../tool.ts";

// `opencode run --format json` (https://opencode.ai/docs/cli#run-1). A tool is told when it has ended.

const State = z.object({
  status: z.enum(["pending", "running", "completed", "error"]),
  input: z.optional(z.unknown()),
  output: maybe(z.string()),
  error: maybe(z.string()),
});
const Finish = z.object({
  tokens: maybe(z.object({ input: Count, output: Count })),
  cost: maybe(Cost),
});
const session = { sessionID: maybe(z.string()) };

const Line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("step_start"), ...session }),
  z.object({ type: z.literal("text"), part: z.object({ text: z.string() }), ...session }),
  z.object({ type: z.literal("reasoning"), part: z.object({ text: z.string() }), ...session }),
  z.object({
    type: z.literal("tool_use"),
    part: z.object({ tool: z.string(), callID: z.string(), state: State }),
    ...session,
  }),
  z.object({ type: z.literal("step_finish"), part: Finish, ...session }),
  z.object({
    type: z.literal("error"),
    error: z.object({ name: maybe(z.string()), data: maybe(z.object({ message: maybe(z.string()) })) }),
    ...session,
  }),
]);
type Line = z.infer<typeof Line>;

/** What the product calls an error that a login would mend. */
const NO_LOGIN = "ProviderAuthError";

export function readOpencode(text: string): Said | null {
  const line = parseLine(text, Line);
  if (line === null) return null;
  const said = saidBy(line);
  return line.sessionID === null ? said : { ...said, conversation: line.sessionID };
}

function saidBy(line: Line): Said {
  switch (line.type) {
    case "step_start":
      return NOTHING;
    case "text":
      return { outputs: saidText(line.part.text) };
    case "reasoning":
      return { outputs: [{ type: "thought", text: line.part.text }] };
    case "tool_use":
      return { outputs: toolOf(line.part) };
    case "step_finish":
      return { outputs: usageOf(line.part) };
    case "error": {
      const { name, data } = line.error;
      const message = data?.message ?? name ?? "it failed without a reason";
      return { outputs: [], failure: { end: name === NO_LOGIN ? "login" : "error", message } };
    }
  }
}

function toolOf({
  tool: name,
  callID: call,
  state,
}: Extract<Line, { type: "tool_use" }>["part"]): Said["outputs"] {
  const status =
    state.status === "error" ? "failed" : state.status === "completed" ? "completed" : "in_progress";
  return toolOutputs({ call, name, input: state.input ?? null, status, output: state.output ?? state.error });
}

function usageOf({ tokens, cost }: z.infer<typeof Finish>): Said["outputs"] {
  if (tokens === null) return [];
  const money = cost ? { cost, currency: "USD" } : {};
  return [{ type: "usage", usage: { inputTokens: tokens.input, outputTokens: tokens.output, ...money } }];
}
