import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One argument of a command line at the most, in bytes: Linux takes 128 KiB, with what else there is in it. */
export const MAX_ARGUMENT_BYTES = 100 * 1024;

/** A prompt in a file of its own, for a command that takes it as an argument and for which it is too long. */
export interface PromptFile {
  /** What the command is told in its place. */
  readonly prompt: string;
  remove(): Promise<void>;
}

/** @param environment the command's own: the file stands where its temporary files do */
export async function writePrompt(
  prompt: string,
  environment: Readonly<Record<string, string>>,
): Promise<PromptFile> {
  const folder = await mkdtemp(join(environment["TMPDIR"] ?? tmpdir(), "dispatch-prompt-"));
  const path = join(folder, "prompt.md");
  await writeFile(path, prompt, { mode: 0o600 });
  return {
    prompt: `Your instructions are in the file ${path}. Read all of it first, then do what it says.`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
