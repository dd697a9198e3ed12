import type { Db } from "../sqlite/database.ts";

const STORE_ID_BYTES = 12;

/** The store's own id, made once: a restored or a new store has another one, and stream positions carry it. */
export function storeId(db: Db): string {
  const known = db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'store'");
  if (known) return known.value;
  const value = crypto.getRandomValues(new Uint8Array(STORE_ID_BYTES)).toHex();
  db.run("INSERT INTO meta (key, value) VALUES ('store', $value)", { value });
  return value;
}
