/** Chance that can be repeated: the same seed gives the same numbers (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: string) {
    this.#state = Number(Bun.hash(process.env["CHAOS_SEED"] ?? seed) & 0xffffffffn);
  }

  /** A whole number from 0 to `limit`, which is left out. */
  upTo(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  of<T>(all: readonly T[]): T {
    return all[this.upTo(all.length)]!;
  }
}
