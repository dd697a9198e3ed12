import type { PlacedEvent } from "../protocol/event.ts";
import type { Output } from "./output.ts";
import { visibleJson } from "./visible.ts";
import type { TranscriptSink } from "./transcript-words.ts";

/** Keeps what is written to a transcript until it is opened: then the last lines go out, and all that comes after. */
export class LastLines implements TranscriptSink {
  readonly #output: Output;
  readonly #lines: number;
  /** Null: it is open. */
  #kept: string[] | null;

  /** @param lines how many; null: all, at once */
  constructor(output: Output, lines: number | null) {
    this.#output = output;
    this.#lines = lines ?? Infinity;
    this.#kept = lines === null ? null : [];
  }

  get json(): boolean {
    return this.#output.json;
  }

  get look(): Output["look"] {
    return this.#output.look;
  }

  async raw(text: string): Promise<void> {
    if (this.#kept === null) return this.#output.raw(text);
    this.#kept.push(text);
  }

  async stream(item: PlacedEvent, render: () => string): Promise<void> {
    if (this.#kept === null) return this.#output.stream(item, render);
    this.#kept.push(`${visibleJson(item)}\n`);
  }

  /** Idempotent. */
  async open(): Promise<void> {
    const lines = (this.#kept ?? []).join("").split("\n");
    this.#kept = null;
    const isWhole = lines.at(-1) === "";
    await this.#output.raw(lines.slice(-this.#lines - (isWhole ? 1 : 0)).join("\n"));
  }
}
