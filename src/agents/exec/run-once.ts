import { LineReader, type Line } from "../../base/line-reader.ts";
import type { AgentOutput, AgentProcess, DriverInput } from "../driver.ts";
import { endGroup } from "../../processes/group.ts";
import { StderrTail } from "../stderr-tail.ts";
import type { Invocation } from "./command-line.ts";
import { drain } from "./drain.ts";
import type { Meter } from "./meter.ts";
import type { ReadLine, RunFailure, Said } from "./output.ts";

/** One line of JSON, with a whole file in it at the most. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const MAX_UNREAD_SHOWN = 200; // characters

/** How a run ended, and what it said about it. `exitCode` is null where a signal ended it. */
export interface RunEnd {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly failure: RunFailure | null;
  /** True when it said or did anything. */
  readonly worked: boolean;
  /** Lines that were understood, and those that were not, with the beginning of the first. */
  readonly understood: number;
  readonly unread: { readonly lines: number; readonly first: string };
  /** Characters of text that were left out because there were too many. */
  readonly leftOut: number;
}

export interface RunOptions {
  /** Null: the output is text. */
  readonly read: ReadLine | null;
  /** What is shown of a run's text, in characters; the rest is read and dropped. */
  readonly maxText: number;
  /** Ends the run and its process group. */
  readonly signal: AbortSignal;
  readonly meter: Meter;
  /** Called when the run names its conversation. */
  named(id: string): void;
}

/**
 * Runs the command once, to its end.
 * @throws Error with code `ENOENT` or `EACCES` when there is no such program
 */
export async function runOnce(
  input: DriverInput,
  { command, environment, input: given }: Invocation,
  options: RunOptions,
): Promise<RunEnd> {
  const process = input.spawn(command, { environment, folder: input.launch.folder });
  const stderr = new StderrTail(process.stderr);
  const cancel = () => void endGroup(process);
  options.signal.addEventListener("abort", cancel, { once: true });
  if (options.signal.aborted) cancel();
  void give(process, given);
  const output = new RunOutput(input, options);
  try {
    await drain(process, (chunk) => output.take(chunk));
    await output.end();
    return { exitCode: await process.exited, stderr: stderr.text, ...output.summary };
  } finally {
    options.signal.removeEventListener("abort", cancel);
  }
}

/** Not waited for: a program may say much before it reads, or never read. */
async function give(process: AgentProcess, text: string): Promise<void> {
  try {
    if (text !== "") await process.write(Buffer.from(text));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error; // it reads no further
  }
  process.end();
}

/** What a run puts out, on its way into the log. */
class RunOutput {
  readonly #input: DriverInput;
  readonly #options: RunOptions;
  readonly #lines = new LineReader({ maxBytes: MAX_LINE_BYTES });
  readonly #decoder = new TextDecoder();
  #failure: RunFailure | null = null;
  #worked = false;
  #understood = 0;
  #unread = { lines: 0, first: "" };
  #shown = 0;
  #leftOut = 0;

  constructor(input: DriverInput, options: RunOptions) {
    this.#input = input;
    this.#options = options;
  }

  get summary(): Omit<RunEnd, "exitCode" | "stderr"> {
    return {
      failure: this.#failure,
      worked: this.#worked,
      understood: this.#understood,
      unread: this.#unread,
      leftOut: this.#leftOut,
    };
  }

  async take(chunk: Uint8Array): Promise<void> {
    if (this.#options.read === null) return this.#text(this.#decoder.decode(chunk, { stream: true }));
    for (const line of this.#lines.push(chunk)) await this.#line(line);
  }

  async end(): Promise<void> {
    if (this.#options.read === null) return this.#text(this.#decoder.decode());
    for (const line of this.#lines.end()) await this.#line(line);
  }

  async #line(line: Line): Promise<void> {
    const head = line.kind === "line" ? line.text : line.head;
    if (head.trim() === "") return;
    const said = line.kind === "line" ? this.#options.read!(line.text) : null;
    if (said !== null) return this.#take(said);
    const first = this.#unread.lines === 0 ? head.slice(0, MAX_UNREAD_SHOWN) : this.#unread.first;
    this.#unread = { lines: this.#unread.lines + 1, first };
  }

  async #take({ outputs, conversation, failure }: Said): Promise<void> {
    this.#understood += 1;
    this.#failure ??= failure ?? null;
    if (conversation !== undefined) this.#options.named(conversation);
    for (const output of outputs) {
      if (output.type === "text") {
        await this.#text(output.text);
        continue;
      }
      if (output.type === "tool" || output.type === "thought") this.#worked = true;
      await this.#input.emit(output.type === "usage" ? this.#metered(output) : output);
    }
  }

  #metered({ type, usage }: Extract<AgentOutput, { type: "usage" }>): AgentOutput {
    return { type, usage: this.#options.meter.read(usage) };
  }

  async #text(text: string): Promise<void> {
    const room = this.#options.maxText - this.#shown;
    const part = text.slice(0, room).toWellFormed();
    this.#leftOut += text.length - part.length;
    if (part === "") return;
    this.#shown += part.length;
    this.#worked = true;
    await this.#input.emit({ type: "text", text: part });
  }
}
