import type { OfferedTool, ToolCall } from "./wire.ts";

/*
 * Codex's "code mode": the model has one freeform tool, `exec`, whose input is JavaScript that calls the real tools as
 * `tools.<name>(input)`. Codex's own tools stand in the description of `exec`; those of MCP servers are deferred: code
 * finds them in `ALL_TOOLS`. A namespace of ours marks which of the two a call is.
 */
const CODE_TOOL = "exec";
const DESCRIBED = "code:described";
const DEFERRED = "code:deferred";
const NAMES = /\b(exec_command|apply_patch|update_plan)\b/g;
const FREEFORM = new Set(["apply_patch"]);
const PROPERTIES: Readonly<Record<string, Record<string, unknown>>> = {
  exec_command: { cmd: {}, yield_time_ms: {}, sandbox_permissions: {}, justification: {} },
  update_plan: { plan: {} },
};

/** Whether an offered tool is the one that runs code. */
export function isCodeMode(name: string, freeform: boolean): boolean {
  return freeform && name === CODE_TOOL;
}

/** The tools that code can call, as far as the scripts use them, and one that stands for all the deferred. */
export function codeModeTools(description: string): OfferedTool[] {
  const names = new Set([...description.matchAll(NAMES)].map(([name]) => name));
  const described = [...names].map((name) => ({
    name,
    properties: PROPERTIES[name] ?? {},
    freeform: FREEFORM.has(name),
    namespace: DESCRIBED,
  }));
  return [...described, { name: "ALL_TOOLS", properties: {}, namespace: DEFERRED }];
}

/** A tool that is not offered by name but that code may find; null where no code runs. */
export function deferred(tools: readonly OfferedTool[], name: string): OfferedTool | null {
  const all = tools.find((tool) => tool.namespace === DEFERRED);
  return all === undefined ? null : { ...all, name };
}

/** A call of a tool of code mode as the code that makes it; any other call as it is. */
export function inCode(call: ToolCall): ToolCall {
  const input = JSON.stringify(call.input);
  if (call.namespace === DESCRIBED) {
    return { name: CODE_TOOL, input: `text(await tools.${call.name}(${input}));` };
  }
  if (call.namespace === DEFERRED) {
    const found = `const found = ALL_TOOLS.find(({ name }) => name.endsWith("__${call.name}"));`;
    const used = `text(found ? await tools[found.name](${input}) : "there is no tool ${call.name}");`;
    return { name: CODE_TOOL, input: `${found}\n${used}` };
  }
  return call;
}
