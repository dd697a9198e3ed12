const PLAIN = /^[^".]+$/;

/** A key of the config as people write it: `models."opus-4.5".backend`. */
export function formatKey(parts: readonly string[]): string {
  return parts.map((part) => (PLAIN.test(part) ? part : `"${part}"`)).join(".");
}

/** The parts of such a key; null for what is none. */
export function keyParts(key: string): string[] | null {
  const parts = [...key.matchAll(/(?:"([^"]+)"|([^."]+))(?:\.(?=.)|$)/gy)];
  const whole = parts.map(([text]) => text).join("") === key;
  return whole ? parts.map(([, quoted, plain]) => quoted ?? plain!) : null;
}
