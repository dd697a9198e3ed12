import { isDiskFull } from "./log-reserve.ts";
import { writeRecord } from "./process-record.ts";
import type { ProcessId } from "../processes/table.ts";
import { descendants } from "./process-tree.ts";

/** A look beneath a host costs little, but an agent may call many tools a second. */
const NOTE_INTERVAL_MS = 1_000;

/** Keeps the record of this host's descendants up to date while its agent works. */
export class ProcessNotes {
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The agent has started something, or may have: that is noted within a second. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#note(descendants(process.pid));
    }, NOTE_INTERVAL_MS);
  }

  /** Everything is gone: nothing is left to note. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#note([]);
  }

  /** On a full disk the note before it stays; most of a run is known by its mark all the same. */
  #note(processes: ProcessId[]): void {
    try {
      writeRecord(this.#path, processes);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }
}
