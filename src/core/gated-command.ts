import type { GatedCall } from "../protocol/approval.ts";
import { exactPattern } from "./command-pattern.ts";

/** Where products put a command line, and the folder that it is to run in. */
const LINE_KEYS = ["command", "cmd", "script"];
const FOLDER_KEYS = ["workdir", "cwd", "directory", "dir_path", "working_directory"];

/** A command line as a call shows it: null where it does not; `folder`: where it says that it runs. */
export interface ShownCommand {
  readonly text: string | null;
  readonly folder: string | null;
}

/** The command line of a call that runs one; null for any other call. */
export function commandOf({ kind, input }: GatedCall): ShownCommand | null {
  const given = typeof input === "object" && input !== null && !Array.isArray(input) ? input : {};
  const fields = given as Record<string, unknown>;
  const text = LINE_KEYS.map((key) => lineOf(fields[key])).find((line) => line !== null) ?? null;
  if (kind !== "execute" && (text === null || kind !== "other")) return null;
  const folder = FOLDER_KEYS.map((key) => fields[key]).find((value) => typeof value === "string");
  return { text, folder: typeof folder === "string" && folder !== "" ? folder : null };
}

/** A line as it is, or words as a line that stands for them. */
function lineOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  const isWords = Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
  return isWords ? exactPattern(value) : null;
}
