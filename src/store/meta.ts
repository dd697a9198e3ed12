import type { Db } from "../sqlite/database.ts";

const STORE_ID_BYTES = 12;

/**
 * The store's own id, which stream positions carry. A restored or a new store has another one; so has one whose machine
 * was started anew: the numbers of its last events, which may be lost with a machine, are given again.
 * @param boot names this start of the machine; empty where the system does not say
 */
export function storeId(db: Db, boot: string): string {
  const known = readMeta(db, "store");
  if (known !== null && readMeta(db, "boot") === boot) return known;
  const value = crypto.getRandomValues(new Uint8Array(STORE_ID_BYTES)).toHex();
  saveMeta(db, "store", value);
  saveMeta(db, "boot", boot);
  return value;
}

/** Who reads the events to make something of them, each at its own pace. */
type Reader = "search" | "notices";

/** The number of the last event that a reader has read; 0: none. */
export function readThrough(db: Db, reader: Reader): number {
  return Number(readMeta(db, `read:${reader}`) ?? 0);
}

/** Belongs in the transaction that keeps what the reader made of them. */
export function saveReadThrough(db: Db, reader: Reader, seq: number): void {
  saveMeta(db, `read:${reader}`, String(seq));
}

type MetaKey = "store" | "boot" | `read:${Reader}`;

function readMeta(db: Db, key: MetaKey): string | null {
  return db.get<{ value: string }>("SELECT value FROM meta WHERE key = $key", { key })?.value ?? null;
}

function saveMeta(db: Db, key: MetaKey, value: string): void {
  db.run(
    `INSERT INTO meta (key, value) VALUES ($key, $value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    { key, value },
  );
}
