/** Work that must not overlap: one job at a time for each key, in the order they came. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, job: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(job, job);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }

  /** A job that has the turn of all these keys at once. Keys are taken in one order, so that no two wait for each other. */
  takeAll<T>(keys: readonly string[], job: () => Promise<T>): Promise<T> {
    const inOrder = [...new Set(keys)].sort().reverse();
    return inOrder.reduce((inner, key) => () => this.take(key, inner), job)();
  }
}
