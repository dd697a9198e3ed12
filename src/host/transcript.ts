import type { AgentOutput } from "../agents/driver.ts";
import { isControl, mustLast } from "../core/transcript.ts";
import type { TranscriptEvent, TranscriptRecord } from "../protocol/transcript.ts";
import { MAX_SAID, MAX_UNSYNCED_RECORDS } from "../protocol/limit.ts";
import { SessionLog } from "./log.ts";

/** How long text is collected before it is numbered, and how much of it at the most; longer where the daemon is behind. */
const COALESCE_MS = 50;
const COALESCE_BEHIND_MS = 250;
/** Records ahead of the daemon at which it counts as behind: more than it leaves unsynced when it is not. */
const BEHIND_RECORDS = MAX_UNSYNCED_RECORDS + 20;
const COALESCE_CHARS = 8 * 1024;
/** What is kept of a tool's output in the transcript; the agent itself has all of it. */
const MAX_TOOL_OUTPUT_CHARS = 64 * 1024;

const LIMITS = { segmentBytes: 1024 * 1024, limitBytes: 32 * 1024 * 1024, reserveBytes: 256 * 1024 };

type Chunk = Extract<AgentOutput, { type: "text" | "thought" }>;

/**
 * The session's log as the host writes it: text is coalesced before it is numbered, the order of events is kept, and
 * an agent is read on only while there is room. Control events are on disk for good when `write` returns.
 */
export class Transcript {
  readonly #log: SessionLog<TranscriptEvent>;
  readonly #written: (record: TranscriptRecord) => void;
  readonly #ahead: () => number;
  #epoch = 0;
  #chunk: Chunk | null = null;
  #timer: NodeJS.Timeout | undefined;
  #room: PromiseWithResolvers<void> | null = null;
  #said = "";
  #saidEnded = false;

  /**
   * @param options.written is called after each record, before `write` or `emit` resolves
   * @param options.ahead how many records the daemon has not acknowledged
   */
  constructor(folder: string, options: { written: (record: TranscriptRecord) => void; ahead: () => number }) {
    this.#log = new SessionLog(folder, { ...LIMITS, onDrained: () => this.#drained() });
    this.#written = options.written;
    this.#ahead = options.ahead;
  }

  get lastSeq(): number {
    return this.#log.lastSeq;
  }

  /** The end of what the agent said last, after its last tool call if it said anything there. */
  get said(): string {
    return this.#said;
  }

  /** Numbers from here on belong to this life of the agent. */
  beginEpoch(epoch: number): void {
    this.flush();
    this.#epoch = epoch;
  }

  /** Forgets what was said: a turn begins. */
  beginTurn(): void {
    this.#said = "";
    this.#saidEnded = false;
  }

  /** Writes control events, or a notice of the host's own (which a full log refuses in silence); in one sync. */
  write(...events: TranscriptEvent[]): void {
    this.flush();
    const sync = events.some(mustLast);
    const records = events.map((event, at) => this.#append(event, sync && at === events.length - 1));
    for (const record of records) if (record !== "full") this.#written(record);
  }

  /** Writes what the agent put out. Resolves when there is room for more. */
  async emit(output: AgentOutput): Promise<void> {
    const epoch = this.#epoch;
    this.#listen(output);
    // What still waits for room when its agent is gone is not said by the next one.
    while (epoch === this.#epoch && !this.#take(output)) await this.#room?.promise;
    await this.#room?.promise;
  }

  /** Numbers the text that was collected so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#chunk !== null && this.#put(this.#chunk)) this.#chunk = null;
  }

  /** The records after a number, from disk. */
  read(after: number): Iterable<TranscriptRecord> {
    return this.#log.read(after);
  }

  /** True where the acknowledgement of `seq` deletes records. */
  drops(seq: number): boolean {
    return this.#log.drops(seq);
  }

  /** The daemon has everything up to `seq`. A number beyond the last record lets the numbers go on behind it. */
  acknowledge(seq: number): void {
    this.#log.acknowledge(seq);
  }

  close(): void {
    this.flush();
    this.#log.close();
  }

  /** False while a full log keeps what came before from being written. */
  #take(output: AgentOutput): boolean {
    if (this.#chunk !== null && this.#chunk.type !== output.type) this.flush();
    if (output.type === "text" || output.type === "thought") return this.#collect(output);
    return this.#chunk === null && this.#put(output.type === "tool" ? clipped(output) : output);
  }

  #collect(output: Chunk): boolean {
    if (this.#chunk !== null && this.#chunk.type !== output.type) return false;
    const chunk: Chunk = { type: output.type, text: (this.#chunk?.text ?? "") + output.text };
    this.#chunk = chunk;
    if (chunk.text.length >= COALESCE_CHARS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#pause());
    return true;
  }

  #pause(): number {
    return this.#ahead() < BEHIND_RECORDS ? COALESCE_MS : COALESCE_BEHIND_MS;
  }

  /** Writes what the agent put out. False where the log is full. */
  #put(event: TranscriptEvent): boolean {
    const record = this.#append(event, false);
    if (record === "full") return false;
    this.#written(record);
    return true;
  }

  #append(event: TranscriptEvent, sync: boolean): TranscriptRecord | "full" {
    const at = Date.now();
    const epoch = this.#epoch;
    const seq = this.#log.append(event, { epoch, sync, control: isControl(event), at });
    if (seq !== "full") return { seq, epoch, at, event };
    this.#room ??= Promise.withResolvers();
    return "full";
  }

  #drained(): void {
    const room = this.#room;
    this.#room = null;
    this.flush();
    room?.resolve();
  }

  #listen(output: AgentOutput): void {
    if (output.type === "tool") this.#saidEnded = true;
    if (output.type !== "text") return;
    const before = this.#saidEnded ? "" : this.#said;
    this.#saidEnded = false;
    this.#said = (before + output.text).slice(-MAX_SAID);
  }
}

function clipped(tool: Extract<AgentOutput, { type: "tool" }>): AgentOutput {
  if (tool.output === undefined || tool.output.length <= MAX_TOOL_OUTPUT_CHARS) return tool;
  const half = MAX_TOOL_OUTPUT_CHARS / 2;
  return { ...tool, output: `${tool.output.slice(0, half)}\n…\n${tool.output.slice(-half)}` };
}
