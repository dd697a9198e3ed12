const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const OVERSIZED_HEAD_BYTES = 256;

/** A line without its end (LF or CRLF), or the first bytes of one that was longer than allowed. */
export type Line = { kind: "line"; text: string } | { kind: "oversized"; head: string };

/**
 * Cuts a stream of byte chunks into lines. A chunk may end anywhere, also inside a character.
 * An over-long line is reported once, as soon as it is seen to be too long, and the rest of it is skipped, so that
 * memory stays below `maxBytes` and what follows is still read. Bytes that are not UTF-8 become U+FFFD.
 */
export class LineReader {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #skipping = false;

  /** @param maxBytes the longest line that is let through, in bytes, without its line feed */
  constructor(options: { maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
  }

  /** The lines that end in this chunk. The chunk is not kept: its memory may be used again. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#take(chunk.subarray(start, end), lines);
      this.#finish(lines);
      start = end + 1;
    }
    this.#take(new Uint8Array(chunk.subarray(start)), lines); // a copy: it waits for its end in a later chunk
    return lines;
  }

  /** The stream is over: what stands after the last line feed, if anything. */
  end(): Line[] {
    const lines: Line[] = [];
    if (this.#heldBytes > 0) this.#finish(lines);
    this.#skipping = false;
    return lines;
  }

  #take(piece: Uint8Array, lines: Line[]): void {
    if (this.#skipping || piece.length === 0) return;
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    if (this.#heldBytes <= this.#maxBytes) return;
    lines.push({
      kind: "oversized",
      head: this.#decoder.decode(this.#release().subarray(0, OVERSIZED_HEAD_BYTES)),
    });
    this.#skipping = true;
  }

  #finish(lines: Line[]): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    const bytes = this.#release();
    const length = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    lines.push({ kind: "line", text: this.#decoder.decode(bytes.subarray(0, length)) });
  }

  #release(): Uint8Array {
    const bytes = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return bytes;
  }
}
