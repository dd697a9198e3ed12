import type { Db } from "../sqlite/database.ts";

/** How long a repeat of a request gets the first answer. */
export const IDEMPOTENCY_LIFETIME_MS = 7 * 24 * 60 * 60 * 1_000;

/** An answer that was given under a key; `request` is the hash of what was asked. */
export interface Remembered {
  request: string;
  answer: string;
}

/** What was answered under a key that is not older than its lifetime. */
export function recallAnswer(db: Db, key: string, now: number): Remembered | null {
  return db.get("SELECT request, answer FROM idempotency WHERE key = $key AND at > $since", {
    key,
    since: now - IDEMPOTENCY_LIFETIME_MS,
  });
}

/** Keeps an answer, in the transaction of the effect that it tells of. Forgets those that are too old. */
export function rememberAnswer(db: Db, key: string, { request, answer }: Remembered, now: number): void {
  db.run("DELETE FROM idempotency WHERE at <= $until", { until: now - IDEMPOTENCY_LIFETIME_MS });
  db.run("INSERT INTO idempotency (key, request, answer, at) VALUES ($key, $request, $answer, $now)", {
    key,
    request,
    answer,
    now,
  });
}

/** Makes room for another answer under a key. */
export function forgetAnswer(db: Db, key: string): void {
  db.run("DELETE FROM idempotency WHERE key = $key", { key });
}
