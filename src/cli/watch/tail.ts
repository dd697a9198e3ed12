import type { PlacedEvent } from "../../protocol/event.ts";
import type { Look } from "../output.ts";
import { TranscriptWriter } from "../transcript-words.ts";

/** Lines of a transcript that are kept for scrolling back. */
const MAX_LINES = 2_000;

/** The end of a transcript as lines, as `dispatch logs` prints it. */
export class Tail {
  readonly #writer: TranscriptWriter;
  #lines: string[] = [""];

  constructor(look: Look) {
    this.#writer = new TranscriptWriter({
      json: false,
      look,
      raw: (text) => this.#take(text),
      stream: () => undefined,
    });
  }

  /** Oldest first; the last one may still grow. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  async write(event: PlacedEvent): Promise<void> {
    await this.#writer.write(event);
  }

  #take(text: string): void {
    const [first, ...rest] = text.split("\n");
    this.#lines = [...this.#lines.slice(0, -1), this.#lines.at(-1)! + first!, ...rest].slice(-MAX_LINES);
  }
}
