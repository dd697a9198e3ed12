import type { Flags, FlagValues } from "./command.ts";
import { usageError } from "./parse.ts";

/** The flags of every list. */
export const PAGE_FLAGS = {
  limit: { value: "N", help: "how many at most" },
  before: { value: "ID", help: "go on with what is older than this one" },
} as const satisfies Flags;

export function pageInput(flags: FlagValues<typeof PAGE_FLAGS>): { limit?: number; before?: string } {
  const input: { limit?: number; before?: string } = {};
  if (flags.limit !== undefined) input.limit = parseCount(flags.limit, "--limit");
  if (flags.before !== undefined) input.before = flags.before;
  return input;
}

/** A whole number from 1, or a usage error that names the flag. */
export function parseCount(text: string, flag: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw usageError(`${flag} needs a number from 1, not ${text}`, "dispatch --help");
  return Number(text);
}

/** The line under a list that has more. */
export function pageNote(command: string, next: string | null): string {
  return next === null ? "" : `\n\nMore: dispatch ${command} --before ${next}`;
}
