/** Rows of a call that a picture has: `from` is the first of them, `to` the one after the last. */
export interface ShownCall {
  readonly key: string;
  /** All that the call has, at this width. */
  readonly rows: number;
  readonly columns: number;
  readonly from: number;
  readonly to: number;
}

/** What of a call has stood on the screen: nobody allows what they could not see. */
export class Reading {
  readonly #whole = new Set<string>();
  #now = { key: "", columns: 0, rows: 0 };

  /** A picture with these rows was drawn. Rows count from the first on, without a gap, at one width. */
  drawn({ key, rows, columns, from, to }: ShownCall): void {
    if (this.#now.key !== key || this.#now.columns !== columns) this.#now = { key, columns, rows: 0 };
    if (from > this.#now.rows) return;
    this.#now.rows = Math.max(this.#now.rows, to);
    if (this.#now.rows >= rows) this.#whole.add(key);
  }

  /** True when all rows of it have been drawn. */
  isWhole(key: string): boolean {
    return this.#whole.has(key);
  }

  /** The first row of it that has not been drawn, at the width of the last picture. */
  next(key: string): number {
    return this.#now.key === key ? this.#now.rows : 0;
  }
}
