import type { AgentRow, ExecRow, TerminalRow } from "./agent-row.ts";
import { claude, claudeExec, claudeTerminal } from "./products/claude.ts";
import { codex, codexExec, codexTerminal } from "./products/codex.ts";
import { acp, exec, execStdin, terminal } from "./products/command.ts";
import { copilot } from "./products/copilot.ts";
import { cursor, cursorExec } from "./products/cursor.ts";
import { gemini, geminiExec } from "./products/gemini.ts";
import { opencode, opencodeExec } from "./products/opencode.ts";
import { pi } from "./products/pi.ts";
import { qwen, qwenExec } from "./products/qwen.ts";

const shell: AgentRow = {
  protocol: "shell",
  agent: "shell",
  name: "Shell",
  cost: null,
  workerTools: "files",
};

/** The products, in the order in which they are offered. */
export const CATALOG: readonly AgentRow[] = [
  claude,
  codex,
  opencode,
  gemini,
  cursor,
  copilot,
  qwen,
  pi,
  shell,
  acp,
];

/** What commands of the config can mean beside a product's own row: its form for one prompt, or any command. */
export const EXEC_FORMS: readonly ExecRow[] = [
  claudeExec,
  codexExec,
  opencodeExec,
  geminiExec,
  cursorExec,
  qwenExec,
  exec,
  execStdin,
];

/** The row of an agent or of an exec form, or null when nothing is called that. */
export function agentRow(agent: string): AgentRow | null {
  return [...CATALOG, ...EXEC_FORMS].find((row) => row.agent === agent) ?? null;
}

/** What agents are in a terminal: the products that have more than a screen for us, and any other command. */
export const TERMINAL_FORMS: readonly TerminalRow[] = [claudeTerminal, codexTerminal, terminal];
