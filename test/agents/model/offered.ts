import type { OfferedTool, ToolCall } from "./wire.ts";

export type Offered = readonly OfferedTool[];
export type Input = Record<string, unknown>;

const PATH_KEYS = ["file_path", "filePath", "absolute_path", "path", "dir_path"];

/** The first of these names that is on offer. */
export function named(tools: Offered, names: readonly string[]): OfferedTool | null {
  for (const name of names) {
    const tool = tools.find((offered) => offered.name === name);
    if (tool !== undefined) return tool;
  }
  return null;
}

/** A call of the tool itself. */
export function callOf({ name, namespace }: OfferedTool, input: ToolCall["input"]): ToolCall {
  return { name, input, ...(namespace !== undefined && { namespace }) };
}

/** A call of the first of these names that is on offer, or null. */
export function use(
  tools: Offered,
  names: readonly string[],
  input: (tool: OfferedTool) => Input,
): ToolCall | null {
  const tool = named(tools, names);
  return tool === null ? null : callOf(tool, input(tool));
}

/** Keeps only the fields that the tool knows: products refuse fields of another product. */
export function known(tool: OfferedTool, input: Input): Input {
  return Object.fromEntries(Object.entries(input).filter(([key]) => key in tool.properties));
}

/** The path under the tool's own name for it. */
export function pathOf(tool: OfferedTool, path: string): Input {
  const key = PATH_KEYS.find((one) => one in tool.properties) ?? "path";
  return { [key]: path };
}
