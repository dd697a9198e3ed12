import type { HookReport, HookTool } from "../protocol/hook-report.ts";
import { MAX_HOOK_COMMAND, MAX_HOOK_TEXT } from "../protocol/limit.ts";

export interface HookReading {
  /** The product whose hook it was. */
  readonly agent: string;
  /** The hash of a prompt's key, by which it can be known again and not read. */
  digest(key: string): string;
}

type Fields = Readonly<Record<string, unknown>>;
type Told = Pick<HookReport, "agent" | "conversation" | "folder" | "subagent">;
type StartSource = Extract<HookReport, { event: "started" }>["source"];

const SOURCES: readonly StartSource[] = ["startup", "resume", "clear", "compact", "fork"];
/** The fields in which tools have the path that they are about. */
const PATHS = ["file_path", "notebook_path", "path"];
/** What Claude Code puts around a text that its screen shows as `[Pasted text]`. */
const PASTED = /<\/?pasted_content id="[^"]*">/g;
/** A tool that is a question to the person. */
const QUESTION_TOOLS = ["AskUserQuestion", "request_user_input"];
/** A patch as a command line: its path is told, and nothing of its text. */
const PATCHED = /^\*\*\* (?:Add|Update|Delete) File: (.+)$/m;
const PATCH = /^\s*\*\*\* Begin Patch/;
// oxlint-disable-next-line no-control-regex
const UNTYPED = /[\s\p{Cc}\p{Cf}]+/gu;

/**
 * What a product's hook says on standard input, without what is nobody's business: the words of Claude Code
 * (https://code.claude.com/docs/en/hooks), which Codex speaks too. Null for what is no event of ours.
 */
export function hookReport(input: unknown, reading: HookReading): HookReport | null {
  const fields = fieldsOf(input);
  const conversation = text(fields["session_id"]);
  if (conversation === null) return null;
  const told: Told = {
    agent: reading.agent,
    conversation,
    folder: text(fields["cwd"]) ?? "",
    ...(text(fields["agent_id"]) !== null && { subagent: true }),
  };
  switch (fields["hook_event_name"]) {
    case "SessionStart":
      return {
        ...told,
        event: "started",
        source: SOURCES.find((source) => source === fields["source"]) ?? "startup",
      };
    case "UserPromptSubmit":
      return { ...told, event: "prompt", digest: reading.digest(promptKey(wordsOf(fields["prompt"]))) };
    case "PreToolUse":
      return { ...told, event: "tool_started", tool: toolOf(fields) };
    case "PostToolUse":
      return { ...told, event: "tool_ended", tool: toolOf(fields), failed: false };
    case "PostToolUseFailure":
      return { ...told, event: "tool_ended", tool: toolOf(fields), failed: true };
    case "PermissionRequest":
      return { ...told, event: "asks", needs: needOf(fields), tool: toolOf(fields) };
    case "Notification":
      return notified(told, fields);
    case "Stop":
      return { ...told, event: "turn_ended", failed: false };
    case "StopFailure":
      return { ...told, event: "turn_ended", failed: true };
    case "Interrupt":
      return { ...told, event: "interrupted" };
    case "SubagentStop":
      return { ...told, event: "subagent_ended" };
    case "PreCompact":
      return { ...told, event: "compacting" };
    case "SessionEnd":
      return { ...told, event: "ended" };
    default:
      return null;
  }
}

/** What stays the same of a prompt on its way through a terminal: it may wrap, expand tabs and drop what nobody sees. */
export function promptKey(prompt: string): string {
  return prompt.toWellFormed().replace(PASTED, "").replace(UNTYPED, "");
}

function notified(told: Told, fields: Fields): HookReport | null {
  switch (fields["notification_type"]) {
    case "permission_prompt":
    case "worker_permission_prompt":
      return { ...told, event: "asks", needs: "approval", tool: null };
    case "elicitation_dialog":
      return { ...told, event: "asks", needs: "question", tool: null };
    default:
      return null; // that it is idle is told by the end of its turn
  }
}

function needOf(fields: Fields): "approval" | "question" {
  return QUESTION_TOOLS.some((name) => name === fields["tool_name"]) ? "question" : "approval";
}

function toolOf(fields: Fields): HookTool {
  const input = fieldsOf(fields["tool_input"]);
  const command = wordsOf(input["command"]);
  const isPatch = PATCH.test(command);
  return {
    call: text(fields["tool_use_id"]),
    name: text(fields["tool_name"]) ?? "tool",
    path: isPatch ? text(PATCHED.exec(command)?.[1]) : pathOf(input),
    command: command === "" || isPatch ? null : command.slice(0, MAX_HOOK_COMMAND).toWellFormed(),
  };
}

function pathOf(input: Fields): string | null {
  return PATHS.map((name) => text(input[name])).find((path) => path !== null) ?? null;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value.slice(0, MAX_HOOK_TEXT).toWellFormed() : null;
}

function wordsOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
