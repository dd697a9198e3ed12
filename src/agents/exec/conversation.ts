import { wholePrompt } from "../../core/prompt.ts";
import type { ExecRow } from "../agent-row.ts";
import type { Conversation, DriverInput, Turn } from "../driver.ts";
import { invocation } from "./command-line.ts";
import { Meter } from "./meter.ts";
import type { ReadLine } from "./output.ts";
import { MAX_ARGUMENT_BYTES, writePrompt } from "./prompt-file.ts";
import { runOnce, type RunEnd } from "./run-once.ts";
import { turnOf } from "./turn-end.ts";

/** The id of a conversation that its product has not named, and perhaps never will: one goes on from the task's text. */
const UNNAMED = "unnamed";

export interface ExecOptions {
  readonly row: ExecRow;
  readonly read: ReadLine | null;
  /** What is shown of one run's text, in characters. */
  readonly maxText: number;
}

/** A conversation in which every turn is a run of a command; between two turns nothing of it is alive. */
export class ExecConversation implements Conversation {
  readonly resumed: boolean;
  readonly forkable = false;
  readonly models = [];
  readonly closed: Promise<{ exitCode: number | null; message: string }>;
  readonly #input: DriverInput;
  readonly #options: ExecOptions;
  readonly #brief: string | null;
  readonly #meter: Meter;
  readonly #close: (end: { exitCode: number | null; message: string }) => void;
  /** The product's own id; null: the next run begins anew. */
  #name: string | null;
  /** The name is an earlier process's: whether the product still has that conversation is not known. */
  #isUntried: boolean;
  /** Nothing was said before: the first prompt is the whole task, or what stands for it. */
  #isFirst: boolean;
  #turn: AbortController | null = null;
  #running: Promise<Turn> | null = null;

  constructor(input: DriverInput, options: ExecOptions) {
    const { resume, task } = input.launch;
    const closed = Promise.withResolvers<{ exitCode: number | null; message: string }>();
    this.#input = input;
    this.#options = options;
    this.#brief = task?.brief ?? null;
    this.#name = resume === UNNAMED || options.row.resume === null ? null : resume;
    this.#isUntried = this.#name !== null;
    this.#meter = new Meter(options.row, { cost: input.launch.cost, isResumed: this.#isUntried });
    this.#isFirst = resume === null;
    this.resumed = resume !== null;
    this.closed = closed.promise;
    this.#close = closed.resolve;
  }

  get id(): string {
    return this.#name ?? UNNAMED;
  }

  get resumable(): boolean {
    return this.#name !== null || this.#brief !== null;
  }

  async prompt(text: string): Promise<Turn> {
    const turn = new AbortController();
    this.#turn = turn;
    this.#running = this.#take(text, turn.signal);
    try {
      return await this.#running;
    } finally {
      this.#turn = null;
    }
  }

  async cancel(): Promise<void> {
    this.#turn?.abort();
  }

  async close(): Promise<void> {
    this.#turn?.abort();
    await this.#running?.catch(() => undefined); // its caller hears of it
    this.#close({ exitCode: 0, message: "" });
  }

  async #take(text: string, signal: AbortSignal): Promise<Turn> {
    const end = await this.#run(text, signal);
    if (signal.aborted) return { end: "cancelled" };
    if (this.#hasForgotten(end)) return this.#beginAnew(text, end, signal);
    this.#isUntried = false;
    if (end.exitCode !== null) return turnOf(this.#options.row, end);
    const message = end.stderr || `${this.#options.row.name} was ended by a signal`;
    this.#close({ exitCode: null, message });
    throw new Error(message);
  }

  /** A product that is told an id which it does not know ends at once, each in words of its own. */
  #hasForgotten({ exitCode, worked, failure }: RunEnd): boolean {
    const failed = exitCode !== 0 && exitCode !== null && failure?.end !== "login";
    return this.#isUntried && this.#brief !== null && failed && !worked;
  }

  async #beginAnew(text: string, { stderr, failure }: RunEnd, signal: AbortSignal): Promise<Turn> {
    const { name } = this.#options.row;
    const reason = failure?.message ?? stderr;
    const notice = `${name} does not go on with its conversation, and begins anew with the whole task: ${reason}`;
    await this.#input.emit({ type: "notice", level: "warning", text: notice });
    this.#name = null;
    this.#isUntried = false;
    return this.#take(text, signal);
  }

  async #run(text: string, signal: AbortSignal): Promise<RunEnd> {
    const { row, read, maxText } = this.#options;
    const whole = this.#whole(text);
    this.#isFirst = false;
    const tooLong = row.input.by === "argument" && Buffer.byteLength(whole) > MAX_ARGUMENT_BYTES;
    const file = tooLong ? await writePrompt(whole, this.#input.launch.environment) : null;
    try {
      const run = invocation(row, this.#input, { prompt: file?.prompt ?? whole, resume: this.#name });
      const end = await runOnce(this.#input, run, {
        read,
        maxText,
        signal,
        meter: this.#meter,
        named: (id) => this.#named(id),
      });
      await this.#tellLeftOut(end);
      return end;
    } finally {
      await file?.remove();
    }
  }

  /** What a run is told that begins anew: the task, and behind it what is new. */
  #whole(text: string): string {
    if (this.#name !== null || this.#brief === null || this.#isFirst) return text;
    return wholePrompt(this.#brief, text);
  }

  #named(id: string): void {
    if (this.#options.row.resume === null || id === this.#name) return;
    this.#name = id;
    this.#input.named(id);
  }

  async #tellLeftOut({ unread, leftOut }: RunEnd): Promise<void> {
    const texts = [
      ...(unread.lines > 0
        ? [`${unread.lines} lines of output were not read; the first began: ${unread.first}`]
        : []),
      ...(leftOut > 0 ? [`${leftOut} characters of output are left out: there were too many`] : []),
    ];
    for (const text of texts) await this.#input.emit({ type: "notice", level: "warning", text });
  }
}
