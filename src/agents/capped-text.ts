/**
 * Text that may grow without end, of which the head and the tail are kept, half the limit each.
 * Limits are in characters (UTF-16 units).
 */
export class CappedText {
  readonly #half: number;
  #head = "";
  #tail = "";
  #length = 0;

  constructor(options: { maxLength: number }) {
    this.#half = Math.floor(options.maxLength / 2);
  }

  append(text: string): void {
    this.#length += text.length;
    const room = this.#half - this.#head.length;
    this.#head += text.slice(0, Math.max(0, room));
    this.#tail += text.slice(Math.max(0, room));
    // Cutting at twice the limit only, so that many small pieces do not copy the tail each time.
    if (this.#tail.length > 2 * this.#half) this.#tail = this.#tail.slice(-this.#half);
  }

  /** What was appended so far, kept or not. */
  get length(): number {
    return this.#length;
  }

  /** All of it, or the head and the tail with a line between them that says how much is missing. */
  get text(): string {
    const tail = this.#tail.slice(-this.#half);
    const missing = this.#length - this.#head.length - tail.length;
    const gap = missing > 0 ? `\n… ${missing} characters left out …\n` : "";
    return (this.#head + gap + tail).toWellFormed();
  }

  /** Its last `length` characters, as far as they are kept. */
  end(length: number): string {
    return (this.#tail.length < length ? this.#head + this.#tail : this.#tail).slice(-length).toWellFormed();
  }
}

export function capText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const capped = new CappedText({ maxLength });
  capped.append(text);
  return capped.text;
}
