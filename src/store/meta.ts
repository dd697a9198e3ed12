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

/** Who reads the events to make something of them, each at its own pace. */
type Reader = "search" | "notices";

/** The number of the last event that a reader has read; 0: none. */
export function readThrough(db: Db, reader: Reader): number {
  const row = db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'read:' || $reader", { reader });
  return Number(row?.value ?? 0);
}

/** Belongs in the transaction that keeps what the reader made of them. */
export function saveReadThrough(db: Db, reader: Reader, seq: number): void {
  db.run(
    `INSERT INTO meta (key, value) VALUES ('read:' || $reader, $value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    { reader, value: String(seq) },
  );
}
