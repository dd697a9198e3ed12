/** A tool's input is shown and logged up to this many characters of JSON. */
const MAX_INPUT = 64_000;

/**
 * A tool's input of a bounded size. What is cut keeps its length and its hash, so that two inputs that differ only
 * behind the cut stay two.
 */
export function boundInput(input: unknown): unknown {
  const text = JSON.stringify(input);
  if (text === undefined || text.length <= MAX_INPUT) return input;
  const sha256 = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  return { beginning: text.slice(0, MAX_INPUT).toWellFormed(), length: text.length, sha256 };
}
