import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const TOKEN_BYTES = 32; // 256 bits
const TOKEN = new RegExp(`^[0-9a-f]{${TOKEN_BYTES * 2}}$`);

/**
 * The token that callers of the loopback port send, made once and kept in a file that only its owner reads (0600).
 * A file that holds no token, such as one that a crash left empty, is replaced.
 */
export function localToken(path: string): string {
  const known = readIfThere(path)?.trim();
  if (known !== undefined && TOKEN.test(known)) return known;
  const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toHex();
  const draft = `${path}.new`;
  const fd = openSync(draft, "w", 0o600);
  writeFileSync(fd, `${token}\n`, { flush: true });
  closeSync(fd);
  renameSync(draft, path);
  return token;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
