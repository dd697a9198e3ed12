/** What a benchmark gets to work with. */
export interface Bench {
  /** Where everything is made that goes at the end. */
  readonly folder: string;
  /** The program as it is shipped: one file. */
  readonly program: string;
  /** A comparison program of `bare/`, compiled as ours is. */
  readonly bare: (name: string) => Promise<string>;
}

/** A promise of the design: `value` is to be at most `limit`, or at least where that is said. */
export interface Target {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly atLeast?: true;
}

/** A table, its first row the heading, and what it says of our targets. */
export interface Result {
  readonly rows: readonly (readonly string[])[];
  readonly targets: readonly Target[];
}

/** One benchmark. It fails when the program does wrong, never because a machine is slow. */
export interface Case {
  readonly name: string;
  /** What is measured, and how, in a sentence or two. */
  readonly about: string;
  run(bench: Bench): Promise<Result>;
}
