/** Wakes those that wait for something to change. */
export class Pulse {
  #next = Promise.withResolvers<void>();

  beat(): void {
    const before = this.#next;
    this.#next = Promise.withResolvers();
    before.resolve();
  }

  /** Resolves at the next beat, or once `limitMs` milliseconds are over. */
  async next(limitMs?: number): Promise<void> {
    const timer = limitMs === undefined ? undefined : setTimeout(() => this.beat(), limitMs);
    await this.#next.promise;
    clearTimeout(timer);
  }
}
