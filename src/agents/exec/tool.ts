import type { ToolKind } from "../../protocol/approval.ts";
import type { PlanStep } from "../../protocol/plan.ts";
import { boundInput } from "../bounded-input.ts";
import { capText } from "../capped-text.ts";
import type { AgentOutput } from "../driver.ts";

/** What is kept of a tool's output: characters, half of them from its head and half from its tail. */
const MAX_TOOL_OUTPUT = 32_000;
const MAX_TITLE = 200;

/** What products call their tools, by the kind of thing that they do. */
const KINDS: readonly (readonly [ToolKind, RegExp])[] = [
  ["execute", /bash|shell|exec|command|terminal|^run$/i],
  ["edit", /edit|write|patch|replace|create_?file/i],
  ["delete", /delete/i],
  ["fetch", /fetch|web/i],
  ["search", /grep|glob|search|find|^ls|list/i],
  ["read", /read|view/i],
];
/** The part of a tool's input that says most, the best first. */
const TELLING = ["command", "cmd", "file_path", "filePath", "path", "pattern", "query", "url", "description"];

type Tool = Extract<AgentOutput, { type: "tool" }>;

/** A call of a tool, as a product that names it and shows its input tells of it. */
export interface NamedCall {
  readonly call: string;
  readonly name: string;
  readonly input: unknown;
  readonly status: Tool["status"];
  readonly output?: string | null;
}

/** What a call puts in the log: itself, and the todo list that it writes where it writes one. */
export function toolOutputs({ call, name, input, status, output = null }: NamedCall): AgentOutput[] {
  const kind = kindOf(name);
  const tool: Tool = { type: "tool", call, status, title: titleOf(name, kind, input), kind };
  const steps = todosIn(input);
  return [
    { ...tool, input: boundInput(input), ...outputOf(output) },
    ...(steps.length > 0 ? [{ type: "todos", steps } as const] : []),
  ];
}

/** How a call that was told before ended. */
export function toolEnd(call: string, { failed, output }: { failed: boolean; output: string | null }): Tool {
  return { type: "tool", call, status: failed ? "failed" : "completed", ...outputOf(output) };
}

/** Text that an agent said; none for an empty one. */
export function saidText(text: string): AgentOutput[] {
  return text === "" ? [] : [{ type: "text", text }];
}

function outputOf(output: string | null): { output?: string } {
  return output === null || output === "" ? {} : { output: capText(output, MAX_TOOL_OUTPUT) };
}

function kindOf(name: string): ToolKind {
  return KINDS.find(([, pattern]) => pattern.test(name))?.[0] ?? "other";
}

function titleOf(name: string, kind: ToolKind, input: unknown): string {
  const fields = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  const telling = TELLING.map((key) => fields[key]).find((value) => typeof value === "string");
  const title = telling === undefined ? name : kind === "execute" ? telling : `${name} ${telling}`;
  return title.slice(0, MAX_TITLE).toWellFormed();
}

/** The lines of a todo list that is written whole, as `todos` of a text and a state. */
function todosIn(input: unknown): PlanStep[] {
  const list = (input as { todos?: unknown } | null)?.todos;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: { content?: unknown; description?: unknown; status?: unknown } | null) => {
    const text = entry?.content ?? entry?.description;
    return typeof text === "string" ? { text, mark: entry?.status === "completed" ? "done" : "open" } : [];
  });
}
