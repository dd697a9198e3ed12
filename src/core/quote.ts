const PLAIN = /^[\w@%+=:,./][\w@%+=:,./-]*$/;

/** A word as a person can paste it into a POSIX shell. Only for hints: Dispatch itself never runs one. */
export function quote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
