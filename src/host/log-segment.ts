import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { DispatchError } from "../base/error.ts";
import { LineReader } from "../base/line-reader.ts";

/** One line of the log. `seq` counts without a gap through all epochs of a session; `at` is in ms since 1970. */
export interface LogRecord<Event> {
  seq: number;
  epoch: number;
  at: number;
  event: Event;
}

/** One record with its line feed: what no agent message that a host lets through comes near. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
const READ_CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** The segment that is written: `<first seq, 10 digits>.ndjson`. */
export class ActiveSegment {
  readonly path: string;
  readonly first: number;
  /** What opening took away: a line that a crash left unfinished, and what stood behind it. */
  readonly cutBytes: number;
  readonly #fd: number;
  #last: number;
  #bytes: number;

  /** Opens or creates it. Cuts it behind the last line that is whole and carries the number it should. */
  constructor(path: string, first: number) {
    this.path = path;
    this.first = first;
    this.#fd = openSync(path, "a+", 0o600);
    const whole = scan(readFileSync(path), first);
    this.#last = whole.last;
    this.#bytes = whole.bytes;
    this.cutBytes = fstatSync(this.#fd).size - whole.bytes;
    if (this.cutBytes > 0) {
      ftruncateSync(this.#fd, whole.bytes);
      fsyncSync(this.#fd);
    }
  }

  /** The number of its last record; one less than `first` while it is empty. */
  get last(): number {
    return this.#last;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes one line that carries the number `last + 1`, wholly or not at all. */
  append(line: Uint8Array): void {
    try {
      for (let at = 0; at < line.length;) at += writeSync(this.#fd, line, at);
    } catch (error) {
      ftruncateSync(this.#fd, this.#bytes); // a full disk may take the first half of a line
      throw error;
    }
    this.#bytes += line.length;
    this.#last++;
  }

  sync(): void {
    fsyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * The records of a segment with `after` < seq ≤ `through`, in order, in bounded memory.
 * @throws DispatchError `internal` when one of them is missing or unreadable
 */
export function* readSegment<Event>(
  segment: { path: string; first: number },
  { after, through }: { after: number; through: number },
): Generator<LogRecord<Event>, void> {
  let seq = segment.first;
  for (const line of linesOf(segment.path)) {
    if (seq > through) return;
    if (seq > after) {
      const record = line === undefined ? undefined : parseRecord<Event>(line, seq);
      if (record === undefined) throw damaged(segment.path, seq);
      yield record;
    }
    seq++;
  }
  if (seq <= through) throw damaged(segment.path, seq);
}

/** The lines of a file; undefined for one that is longer than a record may be. */
function* linesOf(path: string): Generator<string | undefined, void> {
  const fd = openSync(path, "r");
  try {
    const reader = new LineReader({ maxBytes: MAX_RECORD_BYTES });
    const chunk = Buffer.allocUnsafe(READ_CHUNK_BYTES);
    for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
      for (const line of reader.push(chunk.subarray(0, length)))
        yield line.kind === "line" ? line.text : undefined;
    }
  } finally {
    closeSync(fd);
  }
}

/** How far the lines of a segment are whole, and carry the numbers they should. */
function scan(bytes: Buffer, first: number): { last: number; bytes: number } {
  let last = first - 1;
  let start = 0;
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
    if (parseRecord(bytes.toString("utf8", start, end), last + 1) === undefined) break;
    last++;
    start = end + 1;
  }
  return { last, bytes: start };
}

function parseRecord<Event>(line: string, seq: number): LogRecord<Event> | undefined {
  try {
    const record = JSON.parse(line) as LogRecord<Event> | null;
    return record?.seq === seq ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function damaged(path: string, seq: number): DispatchError {
  return new DispatchError(
    "internal",
    `record ${seq} of the session log is missing or unreadable in ${path}`,
  );
}
