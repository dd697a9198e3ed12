import { DispatchError } from "../base/error.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Thinking } from "../protocol/thinking.ts";
import type { AgentCommand } from "./adapters.ts";
import type { AgentRow, TerminalRow } from "./agent-row.ts";
import { TERMINAL_FORMS } from "./catalog.ts";

/** Any other command in a terminal. */
export const ANY_TERMINAL = TERMINAL_FORMS.find(({ agent }) => agent === "terminal")!;

/**
 * What an agent is in a terminal: its product's own form, or else just a program there.
 * @throws DispatchError `invalid` for one that is no program
 */
export function terminalForm(row: AgentRow): TerminalRow {
  if (row.protocol === "shell") {
    throw new DispatchError("invalid", "the shell agent has no terminal: it runs the commands of its plan", {
      hint: "name another one with --agent",
    });
  }
  const { program, name, variables } = row;
  if (program === null) return ANY_TERMINAL;
  return (
    TERMINAL_FORMS.find((form) => form.program === program) ?? { ...ANY_TERMINAL, program, name, variables }
  );
}

export interface TerminalCommandOptions {
  /** The program, as words. */
  readonly words: readonly string[];
  readonly permissions: Permissions;
  readonly thinking: Thinking | null;
}

/** The words by which the program is started, and the variables that it needs over the caller's own. */
export function terminalCommand(
  form: TerminalRow,
  { words, permissions, thinking }: TerminalCommandOptions,
): AgentCommand {
  const settings = [form.gates[permissions] ?? {}, (thinking && form.thinking[thinking]) ?? {}];
  return {
    command: [...words, ...form.arguments, ...settings.flatMap((each) => each.arguments ?? [])],
    environment: Object.assign({ ...form.environment }, ...settings.map((each) => each.environment)),
  };
}

/**
 * A program in a terminal asks the person who sits there. It runs with a preset only to which it keeps by itself.
 * @throws DispatchError `refused`
 */
export function checkTerminalPreset(
  form: TerminalRow,
  { permissions, isRoot }: { permissions: Permissions; isRoot: boolean },
): void {
  if (form.gates[permissions] === null) {
    throw new DispatchError("refused", `nothing keeps ${form.name} to ${permissions} in a terminal`, {
      hint: "--permissions ask",
    });
  }
  if (isRoot && form.notForRoot.includes(permissions)) {
    throw new DispatchError("refused", `${form.name} refuses to run as root without asking`, {
      hint: "--permissions edits, or run the daemon as another user",
    });
  }
}
