import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/**
 * Facts of a log line: ids, counts, reasons, errors. Never a prompt, an environment, a token or what an agent said.
 * The key `error` takes whatever was thrown.
 */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  /** Something is broken and somebody should look. */
  error(event: string, fields?: LogFields): void;
  /** Something went wrong and was dealt with. */
  warn(event: string, fields?: LogFields): void;
  /** A step in the daemon's own life. */
  info(event: string, fields?: LogFields): void;
}

const MAX_FILE_BYTES = 5 * 1024 * 1024;
const KEPT_FILES = 3; // the one that is written, `.1` and `.2`
const MAX_TEXT_LENGTH = 4_000; // characters of one value; a stack fits

/** The daemon's log: one JSON document a line, oldest first, cut at 5 MB a file. */
export class FileLog implements Log {
  readonly #path: string;
  #fd: number;
  #bytes: number;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, "a", 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }

  error(event: string, fields?: LogFields): void {
    this.#write("error", event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#write("warn", event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#write("info", event, fields);
  }

  /** Nothing may be logged after it. */
  close(): void {
    closeSync(this.#fd);
  }

  #write(level: string, event: string, fields: LogFields = {}): void {
    const values = Object.entries(fields).map(([key, value]) => [key, loggable(value)]);
    const line = `${JSON.stringify({ at: new Date().toISOString(), level, event, ...Object.fromEntries(values) })}\n`;
    try {
      if (this.#bytes + line.length > MAX_FILE_BYTES) this.#rotate();
      this.#bytes += writeSync(this.#fd, line);
    } catch (error) {
      // A full disk must not stop the daemon from saying so to its clients.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EIO") throw error;
    }
  }

  #rotate(): void {
    for (let age = KEPT_FILES - 1; age > 0; age--)
      moveIfThere(fileOf(this.#path, age - 1), fileOf(this.#path, age));
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, "a", 0o600);
    this.#bytes = 0;
  }
}

function fileOf(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`;
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function loggable(value: unknown): unknown {
  if (value instanceof Error) return causesOf(value).join("\n").slice(0, MAX_TEXT_LENGTH);
  return typeof value === "string" ? value.slice(0, MAX_TEXT_LENGTH) : value;
}

function causesOf(error: Error): string[] {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? [own, ...causesOf(error.cause)] : [own];
}
