/** The value that a share `q` of the samples do not exceed (nearest rank). @throws when there are none */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  if (value === undefined) throw new Error("no samples");
  return value;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** How long something takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Runs every way once a round, each round beginning with another one, so that the machine's noise falls on all alike. */
export async function interleaved<Samples extends Record<string, unknown>>(
  ways: { [Name in keyof Samples]: () => Promise<Samples[Name]> },
  rounds: number,
): Promise<{ [Name in keyof Samples]: Samples[Name][] }> {
  const names = Object.keys(ways) as (keyof Samples)[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as {
    [Name in keyof Samples]: Samples[Name][];
  };
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!;
      samples[name].push(await ways[name]());
    }
  return samples;
}

/** Three figures are what a noisy machine bears. */
export function figure(value: number): string {
  if (value === 0 || value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(value < 1 ? 2 : 3);
}

export function ratio(value: number, base: number): string {
  return `× ${figure(value / base)}`;
}
