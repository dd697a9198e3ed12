import type { PlanStep } from "../../protocol/plan.ts";
import type { PlanSource } from "../agent-row.ts";
import type { AgentOutput } from "../driver.ts";
import type { ContentBlock, ToolPart, Update } from "./messages.ts";
import type { ToolCalls } from "./tool-calls.ts";

/** A longer text is logged in pieces of this many characters. */
const PIECE = /[\s\S]{1,64000}/gu;

/** What an update puts in the log, in order. */
export function outputsOf(update: Update, calls: ToolCalls, plan: PlanSource): AgentOutput[] {
  switch (update.sessionUpdate) {
    case "agent_message_chunk":
      return pieces(shown(update.content)).map((text) => ({ type: "text", text }));
    case "agent_thought_chunk":
      return pieces(shown(update.content)).map((text) => ({ type: "thought", text }));
    case "tool_call":
    case "tool_call_update":
      return [calls.output(update), ...todosOf(update, calls.nameOf(update.toolCallId), plan)];
    case "session_info_update":
      return [];
    case "plan":
      return [{ type: "todos", steps: update.entries.map((entry) => step(entry.content, entry.status)) }];
    case "usage_update":
      return [
        {
          type: "usage",
          usage: {
            contextTokens: update.used,
            ...(update.size ? { contextWindow: update.size } : {}),
            ...(update.cost ? { cost: update.cost.amount, currency: update.cost.currency } : {}),
          },
        },
      ];
  }
}

function shown(content: ContentBlock): string {
  if ("text" in content) return content.text;
  return content.uri ?? `[${content.type}]`;
}

function pieces(text: string): string[] {
  return text.match(PIECE) ?? [];
}

function step(text: string, state: string): PlanStep {
  return { text, mark: state === "completed" ? "done" : "open" };
}

/** The todo list of a product that shows it only as the input of its todo tool. */
function todosOf(part: ToolPart, name: string | undefined, plan: PlanSource): AgentOutput[] {
  if (plan?.in !== "tool" || name !== plan.title) return [];
  const list = field(part.rawInput, plan.list);
  if (!Array.isArray(list)) return [];
  const steps = list.flatMap((entry: unknown) => {
    const text = field(entry, plan.text);
    return typeof text === "string" ? step(text, String(field(entry, plan.state))) : [];
  });
  return [{ type: "todos", steps }];
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
