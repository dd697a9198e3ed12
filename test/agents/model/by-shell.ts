import { callOf, known, named, type Offered } from "./offered.ts";
import type { Call } from "./script.ts";
import type { ToolCall } from "./wire.ts";

const SHELL = ["Bash", "bash", "run_shell_command", "exec_command", "shell_command", "shell"];
const LONGEST_COMMAND_MS = 600_000; // what a call asks for where the product lets the model say so
const LONGEST_YIELD_MS = 30_000; // Codex answers after this at the latest, with the command still running

/** The command as a call of the product's shell. */
export function shell(
  tools: Offered,
  command: string,
  { unconfined = false, background = false } = {},
): ToolCall {
  const tool = named(tools, SHELL);
  if (tool === null) return { name: "no_shell_was_offered", input: { command } };
  const extra = known(tool, {
    description: "scripted",
    is_background: background,
    ...(background && { run_in_background: true }),
    timeout: LONGEST_COMMAND_MS,
    yield_time_ms: LONGEST_YIELD_MS,
    ...(unconfined && { sandbox_permissions: "require_escalated", justification: "scripted" }),
  });
  const key = "cmd" in tool.properties ? "cmd" : "command";
  const listed = (tool.properties[key] as { type?: string } | undefined)?.type === "array";
  return callOf(tool, { ...extra, [key]: listed ? ["bash", "-c", command] : command });
}

/** A harmless command in place of what the product has no tool for: a script always goes on to its next step. */
export function missing(tools: Offered, what: string): ToolCall {
  return shell(tools, `: no tool for ${what}`);
}

/** A file changed without a file tool: by Codex's patch format where there is one, else by a command. */
export function patched(tools: Offered, call: Extract<Call, { do: "write" | "edit" }>): ToolCall {
  const tool = named(tools, ["apply_patch"]);
  if (tool === null) return shell(tools, asCommand(call));
  const body =
    call.do === "write"
      ? [`*** Add File: ${call.path}`, ...prefixed("+", call.content)]
      : [`*** Update File: ${call.path}`, "@@", ...prefixed("-", call.old), ...prefixed("+", call.new)];
  const patch = ["*** Begin Patch", ...body, "*** End Patch"].join("\n");
  return callOf(tool, tool.freeform === true ? patch : { input: patch });
}

function prefixed(sign: string, text: string): string[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => sign + line);
}

function asCommand(call: Extract<Call, { do: "write" | "edit" }>): string {
  if (call.do === "write") return `printf %s ${quote(call.content)} > ${quote(call.path)}`;
  const words = `OLD=${quote(call.old)} NEW=${quote(call.new)}`;
  return `${words} perl -0pi -e 's/\\Q$ENV{OLD}\\E/$ENV{NEW}/' ${quote(call.path)}`;
}

/** A word of a POSIX shell that stands for exactly this text. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
