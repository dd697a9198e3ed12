// A host whose agent is a shell: each prompt is a JSON list of steps. Arguments: session, DISPATCH_HOME.
import type { AgentOutput, Conversation, Driver, DriverInput, Turn } from "../agents/driver.ts";
import { StartError } from "../agents/driver.ts";
import { LineReader } from "../base/line-reader.ts";
import type { WorkerCall } from "../protocol/worker.ts";
import { runHost } from "./host.ts";

/** What the test agent is told to do in a turn; `sh` runs in its own process, the rest in the driver. */
export type Step =
  | { emit: AgentOutput }
  | { flood: number }
  | { gate: string }
  | { call: WorkerCall }
  | { sh: string }
  /** Until it is cancelled, or not even then. */
  | { hang: "until cancelled" | "for ever" };

const DONE = "::done::";

const shellDriver: Driver = {
  open(input) {
    if (input.launch.model === "none") return Promise.reject(new StartError("model", "no such model"));
    return Promise.resolve(converse(input));
  },
};

function converse(input: DriverInput): Conversation {
  const { launch } = input;
  const shell = input.spawn(["sh"], { environment: launch.environment, folder: launch.folder });
  const lines = linesOf(shell.stdout);
  const lastWords = linesOf(shell.stderr).next(); // what it left holds the pipe open: there is no end to wait for
  let cancelled = new AbortController();
  async function turn(steps: Step[]): Promise<Turn> {
    for (const step of steps) {
      if (cancelled.signal.aborted) return { end: "cancelled" };
      await play(step);
    }
    return { end: "end_turn" };
  }
  async function play(step: Step): Promise<void> {
    if ("emit" in step) await input.emit(step.emit);
    else if ("flood" in step) for (let i = 0; i < step.flood; i++) await input.emit(noise(i));
    else if ("gate" in step) await say(await input.gate(callOf(step.gate), cancelled.signal));
    else if ("call" in step) await say(await input.desk!.call(step.call));
    else if ("sh" in step) await runShell(step.sh);
    else if (step.hang === "until cancelled") await aborted(cancelled.signal);
    else await new Promise(() => undefined);
  }
  async function runShell(command: string): Promise<void> {
    await shell.write(new TextEncoder().encode(`${command}\necho ${DONE}\n`));
    for (let next = await lines.next(); !next.done && next.value !== DONE; next = await lines.next()) {
      await say(next.value);
    }
  }
  async function say(text: string): Promise<void> {
    await input.emit({ type: "text", text });
  }
  return {
    id: launch.resume ?? "new",
    resumed: launch.resume !== null,
    resumable: true,
    forkable: false,
    models: [],
    prompt(text) {
      cancelled = new AbortController();
      return turn(JSON.parse(text) as Step[]).catch((error: unknown) => {
        if (cancelled.signal.aborted) return { end: "cancelled" };
        throw error;
      });
    },
    cancel() {
      cancelled.abort(new Error("cancelled"));
      return Promise.resolve();
    },
    closed: shell.exited.then(async (exitCode) => ({ exitCode, message: (await lastWords).value ?? "" })),
    close() {
      shell.end();
      return Promise.resolve();
    },
  };
}

function callOf(command: string) {
  return { tool: "Bash", kind: "execute" as const, title: command, paths: [], input: { command } };
}

function noise(at: number): AgentOutput {
  return { type: "tool", call: `call ${at}`, status: "completed", output: "x".repeat(16 * 1024) };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = new LineReader({ maxBytes: 1024 * 1024 });
  for await (const chunk of stream) {
    for (const line of reader.push(chunk)) if (line.kind === "line") yield line.text;
  }
}

if (import.meta.main) {
  const [session, home] = process.argv.slice(2) as [string, string];
  const self = [process.execPath, `${import.meta.dir}/daemon-run.fixture.ts`];
  await runHost(session, { home, self, driverFor: () => shellDriver });
  process.exit(0);
}
