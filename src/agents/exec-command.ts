import { DispatchError } from "../base/error.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Thinking } from "../protocol/thinking.ts";
import type { AgentCommand } from "./adapters.ts";
import type { ExecRow } from "./agent-row.ts";
import { folderVariables, folderWords } from "./folder-words.ts";

export interface ExecCommandOptions {
  /** The command of the config, as words. */
  readonly words: readonly string[];
  readonly permissions: Permissions;
}

/**
 * The words of a one-shot command that all of its runs have, and the variables that it needs over the caller's own.
 * @throws DispatchError as `checkPreset`
 */
export function execCommand(
  row: ExecRow,
  {
    words,
    permissions,
    thinking,
    folders = [],
  }: ExecCommandOptions & { thinking: Thinking | null; folders?: readonly string[] },
): AgentCommand {
  checkPreset(row, { words, permissions });
  const [program, ...given] = words.filter((word) => !row.dropped.includes(word));
  const verb = row.verb === null || given[0] === row.verb ? [] : [row.verb];
  const options = row.options.flatMap(({ names, value }) =>
    given.some((word) => names.includes(nameOf(word)))
      ? []
      : [names[0], ...(value === undefined ? [] : [value])],
  );
  const gate = row.gates[permissions] ?? {};
  const ours = ownPermissions(row, given).length > 0 ? [] : (gate.arguments ?? []);
  const level = (thinking === null ? undefined : row.thinking[thinking]) ?? {};
  return {
    command: [
      program!,
      ...verb,
      ...given,
      ...options,
      ...ours,
      ...(level.arguments ?? []),
      ...folderWords(row.folders, folders),
    ],
    environment: {
      ...row.environment,
      ...gate.environment,
      ...folderVariables(row.folders, folders, gate.environment ?? {}),
      ...level.environment,
    },
  };
}

/**
 * A one-shot command asks nobody, so that it runs with a preset only to which its product keeps it by itself.
 * @throws DispatchError `refused`
 */
export function checkPreset(row: ExecRow, { words, permissions }: ExecCommandOptions): void {
  if (permissions === "ask") {
    throw new DispatchError(
      "refused",
      `${row.name} runs as a one-shot command here, which nobody can be asked by`,
      {
        hint:
          row.program === null
            ? "--permissions all"
            : `in config.yaml, the command ${row.program.names[0]} alone speaks ACP and asks`,
      },
    );
  }
  if (row.gates[permissions] === null) {
    throw new DispatchError(
      "refused",
      `nothing keeps ${row.name} to ${permissions} when it runs as a one-shot command`,
      {
        hint: "--permissions all",
      },
    );
  }
  const own = ownPermissions(row, words);
  if (permissions === "all" || own.length === 0) return;
  throw new DispatchError("refused", `the command of ${row.name} sets permissions itself: ${own.join(" ")}`, {
    hint: "leave them out of its command in config.yaml, or --permissions all",
  });
}

function ownPermissions(row: ExecRow, words: readonly string[]): string[] {
  return words.filter((word) => row.permissionOptions.includes(nameOf(word)));
}

function nameOf(word: string): string {
  return word.split("=", 1)[0]!;
}
