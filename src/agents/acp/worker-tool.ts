import type { GatedCall } from "../../protocol/approval.ts";
import { WorkerCall } from "../../protocol/worker.ts";

/** The name under which agents get our MCP server. */
export const WORKER_SERVER = "dispatch";

/** How products write the name of a tool of an MCP server, as name or title of a call. */
const SPELLINGS: readonly ((tool: string) => string)[] = [
  (tool) => `mcp__${WORKER_SERVER}__${tool}`, // Claude
  (tool) => `mcp.${WORKER_SERVER}.${tool}`, // Codex
  (tool) => `${WORKER_SERVER}_${tool}`, // OpenCode
  (tool) => `${tool} (${WORKER_SERVER} MCP Server)`, // Gemini
];
const TOOLS = WorkerCall.options.map((option) => option.shape.tool.value);

/**
 * True for a call of our own worker tools, which needs nobody's leave. A title is the agent's to choose, so the rest of
 * the call has to fit as well: no kind of its own, no paths, and what is shown of its input is what the tool takes.
 */
export function isWorkerTool(call: GatedCall): boolean {
  const tool = TOOLS.find((tool) => SPELLINGS.some((spell) => [call.tool, call.title].includes(spell(tool))));
  if (tool === undefined || call.kind !== "other" || call.paths.length > 0) return false;
  const input = call.input as object | null;
  if (input === null || Array.isArray(input)) return true; // not shown
  return WorkerCall.safeParse({ ...input, tool }).success;
}
