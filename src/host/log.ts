import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { isDiskFull, Reserve } from "./log-reserve.ts";
import { ActiveSegment, MAX_RECORD_BYTES, readSegment, type LogRecord } from "./log-segment.ts";

export interface LogLimits {
  /** A segment that has grown to this is followed by a new one. */
  segmentBytes: number;
  /** With this much unacknowledged, only control events are taken. */
  limitBytes: number;
  /** Held on disk, and given up for control events when the disk is full. */
  reserveBytes: number;
}

export interface AppendOptions {
  epoch: number;
  /** On disk for good when `append` returns: this record and all before it. */
  sync: boolean;
  /** Taken also at the limit, and on a full disk out of the reserve. */
  control: boolean;
  /** When it happened, in ms since 1970; now, when left out. */
  at?: number;
}

interface ClosedSegment {
  path: string;
  first: number;
  last: number;
  bytes: number;
}

const SEGMENT_NAME = /^(\d{10})\.ndjson$/u;
const DISK_RETRY_MS = 1_000;

/**
 * The append-only log of one session: numbered records in segment files, the truth until the daemon has them.
 * One process at a time may have it open: the caller holds the lock of the session's folder.
 */
export class SessionLog<Event> {
  readonly #folder: string;
  readonly #limits: LogLimits;
  readonly #onDrained: () => void;
  readonly #reserve: Reserve;
  readonly #closedSegments: ClosedSegment[];
  #active: ActiveSegment;
  #acknowledged: number;
  #isFull = false;
  #diskRetry: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #isClosed = false;

  /**
   * Opens the log, or begins one; cuts what a crash left half written.
   * @param options.onDrained called after an append said "full", once it would not any more
   */
  constructor(folder: string, { onDrained, ...limits }: LogLimits & { onDrained: () => void }) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#limits = limits;
    this.#onDrained = onDrained;
    const firsts = firstNumbers(folder);
    const active = firsts.pop() ?? 1;
    this.#closedSegments = firsts.map((first, index) =>
      closedSegment(folder, first, (firsts[index + 1] ?? active) - 1),
    );
    this.#active = openSegment(folder, active);
    syncFolder(folder);
    this.#acknowledged = (firsts[0] ?? active) - 1;
    this.#reserve = new Reserve(join(folder, "reserve"), limits.reserveBytes);
    if (!this.#reserve.restore()) this.#retryDisk();
  }

  /** The number of the last record; 0 before the first. */
  get lastSeq(): number {
    return this.#active.last;
  }

  /** How many bytes opening cut off behind the last whole record: what a crash had left of unsynced ones. */
  get cutBytes(): number {
    return this.#active.cutBytes;
  }

  /**
   * Writes a record. At the limit and on a full disk an event that is not `control` is refused with "full" and
   * nothing is written; then it is refused until `onDrained`.
   * @returns the record's number
   * @throws DispatchError `too_large` over MAX_RECORD_BYTES; `unavailable` when the disk takes no control event either
   * @throws after a failed sync, always: what is on disk is unknown then, until the log is opened again
   */
  append(event: Event, { epoch, sync, control, at = Date.now() }: AppendOptions): number | "full" {
    if (this.#failure !== undefined) throw this.#failure;
    const line = encode({ seq: this.lastSeq + 1, epoch, at, event });
    if (!control && this.#takesControlOnly()) return "full";
    const isWritten = this.#write(line) || (control && this.#reserve.release() && this.#write(line));
    if (!isWritten && control) throw diskFull(this.#folder);
    if (!isWritten) return "full";
    if (sync) this.#sync();
    return this.lastSeq;
  }

  /**
   * The records after a number, oldest first, up to the last one when the reading begins, read from disk as they are
   * asked for. What was acknowledged before it was reached may be missing.
   */
  *read(afterSeq: number): Generator<LogRecord<Event>, void> {
    const through = this.lastSeq;
    for (const segment of [...this.#closedSegments, this.#active]) {
      if (segment.last <= Math.max(afterSeq, this.#acknowledged) && segment !== this.#active) continue;
      yield* readSegment<Event>(segment, { after: afterSeq, through: Math.min(segment.last, through) });
    }
  }

  /** True where the acknowledgement of `seq` deletes records. */
  drops(seq: number): boolean {
    return seq > this.lastSeq || (this.#closedSegments[0]?.last ?? Infinity) <= seq;
  }

  /**
   * The daemon has everything up to `seq`: segments with nothing newer are deleted, except the active one.
   * A number beyond the last record means that the machine lost power and the log lost unsynced records which the
   * daemon had read; the numbers go on behind it, so that none is used twice.
   */
  acknowledge(seq: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (seq > this.lastSeq) this.#roll(seq + 1);
    this.#acknowledged = Math.max(this.#acknowledged, seq);
    while ((this.#closedSegments[0]?.last ?? Infinity) <= this.#acknowledged) {
      unlinkSync(this.#closedSegments.shift()!.path);
    }
    this.#checkDrained();
  }

  /** Syncs and closes it. Calling it again does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#diskRetry);
    try {
      if (this.#failure === undefined) this.#sync();
    } finally {
      this.#failure ??= new DispatchError("unavailable", "the session log is closed");
      this.#active.close();
    }
  }

  /** Once true it stays so until `onDrained`: a disk that is short of space keeps what is left for control events. */
  #takesControlOnly(): boolean {
    this.#isFull ||= this.#diskRetry !== undefined || this.#pendingBytes() >= this.#limits.limitBytes;
    return this.#isFull;
  }

  #pendingBytes(): number {
    const active = this.lastSeq > this.#acknowledged ? this.#active.bytes : 0;
    return this.#closedSegments.reduce((sum, segment) => sum + segment.bytes, active);
  }

  /** False when the disk is full; then nothing was written. */
  #write(line: Uint8Array): boolean {
    try {
      if (this.#active.bytes >= this.#limits.segmentBytes) this.#roll(this.lastSeq + 1);
      this.#active.append(line);
      return true;
    } catch (error) {
      if (!isDiskFull(error) || this.#failure !== undefined) throw error;
      this.#isFull = true;
      this.#retryDisk();
      return false;
    }
  }

  /** Begins a new segment. What is closed is synced first: a later sync must cover all that came before. */
  #roll(first: number): void {
    this.#sync();
    const next = openSegment(this.#folder, first);
    syncFolder(this.#folder);
    const { path, last, bytes } = this.#active;
    this.#closedSegments.push({ path, first: this.#active.first, last, bytes });
    this.#active.close();
    this.#active = next;
  }

  #sync(): void {
    try {
      this.#active.sync();
    } catch (error) {
      this.#failure = error as Error; // the kernel may have dropped the pages: syncing again would prove nothing
      throw error;
    }
  }

  /** Nothing tells that a disk has space again, so this asks it, each second until it has. */
  #retryDisk(): void {
    this.#diskRetry ??= setInterval(() => {
      if (!this.#reserve.restore()) return;
      clearInterval(this.#diskRetry);
      this.#diskRetry = undefined;
      this.#checkDrained();
    }, DISK_RETRY_MS);
  }

  #checkDrained(): void {
    if (!this.#isFull || this.#diskRetry !== undefined || this.#pendingBytes() >= this.#limits.limitBytes)
      return;
    this.#isFull = false;
    this.#onDrained();
  }
}

function encode(record: LogRecord<unknown>): Uint8Array {
  const line = Buffer.from(`${JSON.stringify(record)}\n`);
  if (line.length <= MAX_RECORD_BYTES) return line;
  throw new DispatchError(
    "too_large",
    `an event of ${line.length} bytes is over the log's ${MAX_RECORD_BYTES}`,
  );
}

function firstNumbers(folder: string): number[] {
  const names = readdirSync(folder).map((name) => SEGMENT_NAME.exec(name)?.[1]);
  return names
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(10, "0")}.ndjson`);
}

function closedSegment(folder: string, first: number, last: number): ClosedSegment {
  const path = segmentPath(folder, first);
  return { path, first, last, bytes: statSync(path).size };
}

function openSegment(folder: string, first: number): ActiveSegment {
  return new ActiveSegment(segmentPath(folder, first), first);
}

/** Makes a new file's name as durable as its content (fsync(2), "calling fsync() does not necessarily ensure…"). */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function diskFull(folder: string): DispatchError {
  return new DispatchError("unavailable", "the disk is full, also for what must be logged", {
    hint: `df -h ${folder}`,
  });
}
