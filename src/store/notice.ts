import type { Db } from "../sqlite/database.ts";

/** False when it was told before. */
export function insertNotice(db: Db, { about, at }: { about: string; at: number }): boolean {
  const sql = "INSERT INTO notice (about, at) VALUES ($about, $at) ON CONFLICT DO NOTHING";
  return db.run(sql, { about, at }) > 0;
}
