const PLAIN = /^[^".]+$/;

/** A key of the config as people write it: `models."opus-4.5".backend`. */
export function formatKey(parts: readonly string[]): string {
  return parts.map((part) => (PLAIN.test(part) ? part : `"${part}"`)).join(".");
}

/** The parts of such a key; what is no key has one part, which nothing is called. */
export function keyParts(key: string): string[] {
  const parts = [...key.matchAll(/(?:"([^"]+)"|([^."]+))(?:\.(?=.)|$)/gy)];
  const whole = parts.map(([text]) => text).join("") === key;
  return whole ? parts.map(([, quoted, plain]) => quoted ?? plain!) : [key];
}
