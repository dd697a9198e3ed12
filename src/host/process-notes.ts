import { writeRecord } from "./process-record.ts";
import { descendants } from "./process-tree.ts";

/** A look at the process table costs about 10 ms; an agent may call many tools a second. */
const NOTE_INTERVAL_MS = 1_000;

/** Keeps the record of this host's descendants up to date while its agent works. */
export class ProcessNotes {
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The agent has started something, or may have: the record is written at once. */
  now(): void {
    writeRecord(this.#path, descendants(process.pid));
  }

  /** As `now`, within a second. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.now();
    }, NOTE_INTERVAL_MS);
  }

  /** Everything is gone: nothing is left to note. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    writeRecord(this.#path, []);
  }
}
