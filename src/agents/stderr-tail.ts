import { CappedText } from "./capped-text.ts";

/** What is kept of an agent's standard error, for messages: its last characters. The rest is never stored. */
const MAX_STDERR_TAIL = 4_096;

/** Reads a program's standard error to its end, so that the program never waits, and keeps the tail. */
export class StderrTail {
  readonly #kept = new CappedText({ maxLength: 2 * MAX_STDERR_TAIL });

  constructor(stream: ReadableStream<Uint8Array>) {
    void this.#read(stream);
  }

  get text(): string {
    return this.#kept.end(MAX_STDERR_TAIL).trim();
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.#kept.append(decoder.decode(chunk, { stream: true }));
  }
}
