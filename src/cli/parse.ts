import { DispatchError } from "../base/error.ts";
import type { Command, Flag, Flags, ParsedFlags } from "./command.ts";
import { closest } from "./suggest.ts";

/** Flags that every command takes, before or after its name. */
export const GLOBAL_FLAGS = {
  json: { help: "print one JSON document (a line for each event in streams)" },
  help: { help: "show help", short: "h" },
  version: { help: "print the version", short: "V" },
  home: { help: "the folder of this Dispatch (also: DISPATCH_HOME)", value: "DIR" },
} as const satisfies Flags;

export interface Parsed {
  operands: string[];
  flags: ParsedFlags;
}

/**
 * Reads a command line by the command's flags; everything else is an operand, and everything after `--`.
 * @param usage the words that the hint offers, such as `dispatch run --help`
 * @throws DispatchError `invalid`
 */
export function parseWords(words: readonly string[], flags: Flags, usage: string): Parsed {
  const known = { ...flags, ...GLOBAL_FLAGS };
  const parsed: Parsed = { operands: [], flags: {} };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      parsed.operands.push(...rest);
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      parsed.operands.push(word);
      continue;
    }
    const { name, flag, inline, negated } = findFlag(word, known, usage);
    if (flag.value === undefined) {
      if (inline !== undefined) throw usageError(`--${name} takes no value`, usage);
      parsed.flags[name] = !negated;
      continue;
    }
    const value = inline ?? rest.shift();
    if (value === undefined) throw usageError(`--${name} needs a value: ${flag.value}`, usage);
    if (flag.choices && !flag.choices.includes(value))
      throw usageError(`--${name} is one of ${flag.choices.join(", ")}, not ${value}`, usage);
    parsed.flags[name] = flag.many ? [...((parsed.flags[name] as string[] | undefined) ?? []), value] : value;
  }
  return parsed;
}

/** Checks the number of operands against the command's list. */
export function checkOperands(operands: string[], command: Command, usage: string): void {
  const least = command.operands.filter((each) => !each.startsWith("[")).length;
  const most = command.operands.some((each) => each.includes("…")) ? Infinity : command.operands.length;
  if (operands.length < least) {
    const missing = command.operands.filter((each) => !each.startsWith("["))[operands.length] ?? "argument";
    throw usageError(`${missing} is missing`, usage);
  }
  if (operands.length > most) throw usageError(`${operands[most]} is one argument too many`, usage);
}

export function usageError(message: string, hint: string): DispatchError {
  return new DispatchError("invalid", message, { hint });
}

function findFlag(
  word: string,
  known: Flags,
  usage: string,
): { name: string; flag: Flag; inline: string | undefined; negated: boolean } {
  const equals = word.indexOf("=");
  const bare = equals < 0 ? word : word.slice(0, equals);
  const inline = equals < 0 ? undefined : word.slice(equals + 1);
  for (const [name, flag] of Object.entries(known)) {
    if (bare === `--${name}` || bare === `-${flag.short}`) return { name, flag, inline, negated: false };
    if (flag.negatable && bare === `--no-${name}`) return { name, flag, inline, negated: true };
  }
  const guess = closest(bare, flagWords(known));
  throw usageError(
    `unknown flag ${bare}${guess ? `; did you mean ${guess}?` : ""}`,
    guess ? usage : `${usage} (text that starts with a dash goes after --)`,
  );
}

/** Every spelling of the flags. */
export function flagWords(flags: Flags): string[] {
  const words: string[] = [];
  for (const [name, flag] of Object.entries(flags)) {
    words.push(`--${name}`);
    if (flag.negatable) words.push(`--no-${name}`);
    if (flag.short) words.push(`-${flag.short}`);
  }
  return words;
}
