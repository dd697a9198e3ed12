import type { Client } from "../client/client.ts";
import type { LocalOptions } from "../client/local.ts";
import type { Output } from "./output.ts";

/** A flag. With `value` it takes one (the word that help shows for it), else it is on or off; `many` collects. */
export interface Flag {
  help: string;
  value?: string;
  many?: true;
  short?: string;
  choices?: readonly string[];
  /** `--no-<name>` says the opposite. */
  negatable?: true;
}
export type Flags = Record<string, Flag>;

/** What was given for the flags; what was not given is absent. */
export type FlagValues<F extends Flags> = {
  [Name in keyof F]?: F[Name] extends { many: true }
    ? string[]
    : F[Name] extends { value: string }
      ? string
      : boolean;
};

/** What a command gets to work with. */
export interface Context {
  local: LocalOptions;
  /** The daemon, started by the first call where none runs. */
  client: Client;
  output: Output;
  environment: Record<string, string | undefined>;
  /** Aborted by Ctrl-C, for commands that go on until something happens. */
  interrupted: AbortSignal;
}

/**
 * One command. `operands` are written as help shows them: `ID`, `[ID]` (may be missing), `TEXT…` (one or more words),
 * `[ID…]`. `run` resolves with the exit code.
 */
export interface Command<Values = ParsedFlags, F extends Flags = Flags> {
  operands: readonly string[];
  flags: F;
  /** What the summary does not say. */
  details?: string;
  examples?: readonly string[];
  run(context: Context, input: { operands: string[]; flags: Values }): Promise<number>;
}

/** What the parser finds; it has checked it against the command's flags. */
export type ParsedFlags = Record<string, string | string[] | boolean>;

/** Gives a command's file its types. */
export function command<const F extends Flags>(definition: Command<FlagValues<F>, F>): Command {
  return definition as Command;
}
