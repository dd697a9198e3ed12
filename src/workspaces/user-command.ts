import { DispatchError } from "../base/error.ts";

/** How much is kept of what commands say: characters of its end. */
const MAX_OUTPUT = 32_000;
/** From TERM to KILL. */
const GRACE_MS = 2_000;
/** What is waited for output after a command ended: what it left behind may hold the pipe open. */
const DRAIN_MS = 1_000;

/**
 * Runs `$1 -c $2` and ends the whole process group when standard input does: our death closes it, so that no command
 * outlives the daemon that started it.
 */
const GUARDED = `exec 3<&0 </dev/null 2>&1
{ read -r _ <&3; kill -KILL 0; } >/dev/null &
guard=$!
"$1" -c "$2" 3<&-
code=$?
kill -KILL "$guard"
exit "$code"`;

interface CommandRun {
  folder: string;
  environment: Record<string, string>;
  /** For all commands together. */
  timeoutMs: number;
  /** Ends what runs. */
  signal: AbortSignal;
}

/** The command that failed, and how. `exitCode` is as a shell tells it: 128 and more for a signal. */
export interface CommandFailure {
  command: string;
  exitCode: number;
  timedOut: boolean;
  /** The end of what it said. */
  output: string;
}

/** What the commands said, and the first one that failed; those after it did not run. */
export interface CommandsEnd {
  output: string;
  failure: CommandFailure | null;
}

/**
 * Runs the user's own commands one after the other with the user's shell, without input.
 * @throws DispatchError `unavailable` when there is no shell; the signal's reason when it is aborted
 */
export async function runUserCommands(commands: readonly string[], run: CommandRun): Promise<CommandsEnd> {
  const deadline = AbortSignal.timeout(run.timeoutMs);
  const signal = AbortSignal.any([run.signal, deadline]);
  let said = "";
  for (const command of commands) {
    const { exitCode, output } = await runOne(command, { ...run, signal });
    run.signal.throwIfAborted();
    said = endOf(`${said}$ ${command}\n${output}`);
    const timedOut = deadline.aborted;
    if (exitCode !== 0 || timedOut)
      return { output: said, failure: { command, exitCode, timedOut, output: output.trimEnd() } };
  }
  return { output: said, failure: null };
}

async function runOne(
  command: string,
  { folder, environment, signal }: Omit<CommandRun, "timeoutMs">,
): Promise<{ exitCode: number; output: string }> {
  const child = start(command, { folder, environment });
  let kill: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    signalGroup(child.pid, "SIGTERM");
    kill = setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const output = new OutputEnd(child.stdout);
    const exitCode = await child.exited;
    signalGroup(child.pid, "SIGKILL");
    return { exitCode, output: await output.close() };
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(kill);
  }
}

function start(command: string, { folder, environment }: Pick<CommandRun, "folder" | "environment">) {
  const shell = environment["SHELL"] ?? "/bin/sh";
  try {
    return Bun.spawn(["/bin/sh", "-c", GUARDED, "sh", shell, command], {
      cwd: folder,
      env: environment,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
      detached: true,
    });
  } catch (cause) {
    throw new DispatchError("unavailable", `no command can be run in ${folder}`, { cause });
  }
}

/** Reads what a command says and keeps the end of it. */
class OutputEnd {
  readonly #cancel: () => void;
  readonly #read: Promise<void>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    const reader = stream.getReader();
    this.#cancel = () => void reader.cancel();
    this.#read = this.#take(() => reader.read());
  }

  /** To be called when the command has ended. */
  async close(): Promise<string> {
    const limit = setTimeout(this.#cancel, DRAIN_MS);
    await this.#read;
    clearTimeout(limit);
    return this.#text.toWellFormed();
  }

  async #take(read: () => Promise<{ done: boolean; value?: Uint8Array | undefined }>): Promise<void> {
    const decoder = new TextDecoder();
    for (let next = await read(); !next.done; next = await read())
      this.#text = endOf(this.#text + decoder.decode(next.value, { stream: true }));
  }
}

function endOf(text: string): string {
  return text.length > MAX_OUTPUT ? text.slice(-MAX_OUTPUT) : text;
}

function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
