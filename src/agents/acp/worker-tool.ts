import { z } from "zod";
import type { GatedCall } from "../../protocol/approval.ts";
import { WorkerCall } from "../../protocol/worker.ts";
import { WORKER_SERVER } from "../worker-server.ts";

/** How products write the name of a tool of an MCP server, as name or title of a call. */
const SPELLINGS: readonly ((tool: string) => string)[] = [
  (tool) => `mcp__${WORKER_SERVER}__${tool}`, // Claude
  (tool) => `${WORKER_SERVER}_${tool}`, // OpenCode
  (tool) => `${tool} (${WORKER_SERVER} MCP Server)`, // Gemini
];
const TOOLS = WorkerCall.options.map((option) => option.shape.tool.value);

/** What Codex shows of a call of any MCP server; its kind is `execute` then. */
const ServerCall = z.strictObject({
  server: z.literal(WORKER_SERVER),
  tool: z.enum(TOOLS),
  arguments: z.record(z.string(), z.unknown()),
});

/**
 * True for a call of our own worker tools, which needs nobody's leave. A title is the agent's to choose, so the rest of
 * the call has to fit as well: no kind of its own, no paths, and what is shown of its input is what the tool takes.
 */
export function isWorkerTool(call: GatedCall): boolean {
  const served = ServerCall.safeParse(call.input);
  if (served.success) return takes(served.data.tool, served.data.arguments);
  const tool = TOOLS.find((tool) => SPELLINGS.some((spell) => [call.tool, call.title].includes(spell(tool))));
  if (tool === undefined || call.kind !== "other" || call.paths.length > 0) return false;
  const input = call.input as object | null;
  const isShown = input !== null && !Array.isArray(input) && Object.keys(input).length > 0;
  return !isShown || takes(tool, input);
}

function takes(tool: WorkerCall["tool"], input: object): boolean {
  return WorkerCall.safeParse({ ...input, tool }).success;
}
