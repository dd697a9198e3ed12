import { basename } from "node:path";
import type { AcpRow, AgentRow, ExecRow } from "./agent-row.ts";
import { agentRow, CATALOG, EXEC_FORMS } from "./catalog.ts";

/** A command line of the config as words: quotes group, nothing is expanded, and no shell reads it. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare!,
  );
}

/**
 * What a command of the config means: a product's stock command its own driver, any other command of a product its form
 * for one prompt, and every other command one that takes a prompt and prints its answer.
 */
export function rowOfCommand(words: readonly string[], input: "argument" | "stdin"): AgentRow {
  const any = agentRow(input === "stdin" ? "exec-stdin" : "exec")!;
  const product = CATALOG.find((row) => row.protocol === "acp" && isProgram(row, words[0] ?? ""));
  if (product === undefined) return any;
  if (isStock(product as AcpRow, words)) return product;
  const form = EXEC_FORMS.find(({ program }) => program !== null && program === (product as AcpRow).program);
  return form === undefined || hasOwnFormat(form, words) ? any : form;
}

function isProgram({ program }: AcpRow, word: string): boolean {
  return program !== null && program.names.includes(basename(word));
}

/** A product's program alone, or with the words by which its own driver starts it. */
function isStock({ command }: AcpRow, [, ...words]: readonly string[]): boolean {
  const own = command.by === "program" ? command.arguments : [];
  return words.length === 0 || (words.length === own.length && words.every((word, at) => word === own[at]));
}

/** Its output is what the config says, and so not what the form reads. */
function hasOwnFormat({ options }: ExecRow, words: readonly string[]): boolean {
  return options.some(({ names, value }) =>
    words.some((word, at) => {
      if (value === undefined) return false;
      const [name, given = words[at + 1]] = word.split("=", 2);
      return names.includes(name!) && given !== value;
    }),
  );
}
