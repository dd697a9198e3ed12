import { CappedText } from "../capped-text.ts";
import type { AgentOutput, AgentProcess, DriverInput } from "../driver.ts";
import { within } from "../../base/within.ts";
import { endGroup } from "../../processes/group.ts";
import type { ShellCommand } from "./command.ts";

/** What is kept of a command's output: characters, half of them from its head and half from its tail. */
const MAX_COMMAND_OUTPUT = 32_000;
/** While a command runs, its last output is shown this often, and so much of it: milliseconds, characters. */
const PROGRESS_INTERVAL_MS = 1_000;
const MAX_PROGRESS = 2_000;
/** What is waited for output after a command ended: a child that it left behind may hold the pipe open for ever. */
const DRAIN_LIMIT_MS = 1_000;

/** How a command ended; `exitCode` is null where a signal ended it. */
export interface CommandEnd {
  readonly exitCode: number | null;
  readonly output: CappedText;
}

/**
 * Runs one command with `sh -c` in the run's folder and environment, without input, its standard error in the place of
 * its output where it was written. `signal` ends its whole process group.
 * @param call the id under which its output is shown
 */
export async function runCommand(
  input: DriverInput,
  { command, title }: ShellCommand,
  { call, signal }: { call: string; signal: AbortSignal },
): Promise<CommandEnd> {
  const { environment, folder } = input.launch;
  const tool = { type: "tool", call, kind: "execute" } as const;
  await input.emit({ ...tool, status: "in_progress", title, input: { command } });
  const process = input.spawn(["sh", "-c", `exec 2>&1; ${command}`], { environment, folder });
  process.end();
  const output = new CappedText({ maxLength: MAX_COMMAND_OUTPUT });
  const exitCode = await withProgress(input, { ...tool, status: "in_progress" }, output, () =>
    finish(process, output, signal),
  );
  const status = exitCode === 0 ? "completed" : "failed";
  await input.emit({ ...tool, status, output: output.text });
  return { exitCode, output };
}

async function finish(
  process: AgentProcess,
  output: CappedText,
  signal: AbortSignal,
): Promise<number | null> {
  const drained = Promise.all([drain(process.stdout, output), drain(process.stderr, output)]);
  const cancel = () => void endGroup(process);
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const exitCode = await process.exited;
    await within(drained, DRAIN_LIMIT_MS);
    return exitCode;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function drain(stream: ReadableStream<Uint8Array>, output: CappedText): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) output.append(decoder.decode(chunk, { stream: true }));
}

/** Shows the end of what a command has put out so far, in intervals, while it runs. */
async function withProgress<T>(
  input: DriverInput,
  tool: Extract<AgentOutput, { type: "tool" }>,
  output: CappedText,
  run: () => Promise<T>,
): Promise<T> {
  let shown = 0;
  let showing = Promise.resolve();
  const timer = setInterval(() => {
    if (output.length === shown) return;
    shown = output.length;
    showing = showing.then(() => input.emit({ ...tool, output: output.end(MAX_PROGRESS) }));
  }, PROGRESS_INTERVAL_MS);
  try {
    return await run();
  } finally {
    clearInterval(timer);
    await showing;
  }
}
