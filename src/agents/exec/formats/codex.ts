import * as z from "zod/mini";
import type { AgentOutput } from "../../driver.ts";
import { Count, maybe, parseLine } from "../json-line.ts";
import { NOTHING, type Said } from "../output.ts";
import { saidText, toolEnd, toolOutputs } from "../tool.ts";

// `codex exec --json` (https://developers.openai.com/codex/noninteractive).

const Status = maybe(z.enum(["in_progress", "completed", "failed", "declined"]));
const call = { id: z.string(), status: Status };

const Item = z.union([
  z.object({ type: z.literal("agent_message"), text: z.string() }),
  z.object({ type: z.literal("reasoning"), text: z.string() }),
  z.object({
    type: z.literal("command_execution"),
    command: z.string(),
    aggregated_output: maybe(z.string()),
    ...call,
  }),
  z.object({
    type: z.literal("file_change"),
    changes: z.array(z.object({ path: z.string(), kind: z.string() })),
    ...call,
  }),
  z.object({
    type: z.literal("mcp_tool_call"),
    server: z.string(),
    tool: z.string(),
    arguments: z.optional(z.unknown()),
    result: z.optional(z.unknown()),
    error: maybe(z.object({ message: z.string() })),
    ...call,
  }),
  z.object({ type: z.literal("web_search"), query: z.string(), id: z.string() }),
  z.object({
    type: z.literal("todo_list"),
    items: z.array(z.object({ text: z.string(), completed: z.boolean() })),
  }),
  z.object({ type: z.literal("error"), message: z.string() }),
]);
type Item = z.infer<typeof Item>;

const Line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("thread.started"), thread_id: z.string() }),
  z.object({ type: z.literal("turn.started") }),
  z.object({
    type: z.literal("turn.completed"),
    usage: z.object({ input_tokens: Count, output_tokens: Count }),
  }),
  z.object({ type: z.literal("turn.failed"), error: z.object({ message: z.string() }) }),
  z.object({ type: z.enum(["item.started", "item.updated", "item.completed"]), item: Item }),
  z.object({ type: z.literal("error"), message: z.string() }),
]);

export function readCodex(text: string): Said | null {
  const line = parseLine(text, Line);
  if (line === null) return null;
  switch (line.type) {
    case "thread.started":
      return { outputs: [], conversation: line.thread_id };
    case "turn.started":
      return NOTHING;
    case "turn.completed": {
      const { input_tokens: inputTokens, output_tokens: outputTokens } = line.usage;
      return { outputs: [{ type: "usage", usage: { inputTokens, outputTokens } }] };
    }
    case "turn.failed":
      return { outputs: [], failure: { end: "error", message: line.error.message } };
    case "error": // it may go on after it: a request that is tried again
      return { outputs: [{ type: "notice", level: "warning", text: line.message }] };
    case "item.started":
    case "item.updated":
    case "item.completed":
      return { outputs: outputsOf(line.item, line.type === "item.completed") };
  }
}

function outputsOf(item: Item, isDone: boolean): AgentOutput[] {
  switch (item.type) {
    case "agent_message":
      return isDone ? saidText(item.text) : [];
    case "reasoning":
      return isDone ? [{ type: "thought", text: item.text }] : [];
    case "todo_list":
      return [
        {
          type: "todos",
          steps: item.items.map(({ text, completed }) => ({ text, mark: completed ? "done" : "open" })),
        },
      ];
    case "error":
      return [{ type: "notice", level: "warning", text: item.message }];
    case "web_search":
      return toolOutputs({
        call: item.id,
        name: "web_search",
        input: { query: item.query },
        status: isDone ? "completed" : "in_progress",
      });
    case "command_execution":
    case "file_change":
    case "mcp_tool_call":
      return isDone ? [endOf(item)] : beginningOf(item);
  }
}

type Call = Extract<Item, { status: unknown }>;

function beginningOf(item: Call): AgentOutput[] {
  const told = { call: item.id, status: "in_progress" } as const;
  switch (item.type) {
    case "command_execution":
      return toolOutputs({ ...told, name: "shell", input: { command: item.command } });
    case "mcp_tool_call":
      return toolOutputs({ ...told, name: `${item.server}.${item.tool}`, input: item.arguments ?? null });
    case "file_change": {
      const paths = item.changes.map(({ path }) => path);
      const title = `Edit ${paths.join(", ")}`;
      return [{ type: "tool", ...told, kind: "edit", title, paths, input: { changes: item.changes } }];
    }
  }
}

function endOf(item: Call): AgentOutput {
  const failed = item.status === "failed" || item.status === "declined";
  switch (item.type) {
    case "command_execution":
      return toolEnd(item.id, { failed, output: item.aggregated_output });
    case "mcp_tool_call":
      return toolEnd(item.id, { failed, output: item.error?.message ?? resultText(item.result) });
    case "file_change":
      return toolEnd(item.id, { failed, output: null });
  }
}

function resultText(result: unknown): string | null {
  const content = (result as { content?: unknown } | null | undefined)?.content;
  if (!Array.isArray(content)) return null;
  return content
    .map((block: { text?: unknown } | null) => (typeof block?.text === "string" ? block.text : ""))
    .join("\n");
}
