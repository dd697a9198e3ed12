import type { RuleId } from "../protocol/id.ts";
import type { Rule } from "../protocol/rule.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocuments, saveDocument } from "./document.ts";

export function insertRule(db: Db, rule: Rule): void {
  saveDocument(db, "rule", rule);
}

/** Those that have not run out, oldest first. @param now milliseconds since the epoch */
export function listRules(db: Db, now: number): Rule[] {
  return readDocuments(db, "SELECT body FROM rule WHERE until IS NULL OR until > $now ORDER BY place", {
    now,
  });
}

/** The rules that `ref` can mean: an id, or the prefix of one. */
export function findRules(db: Db, ref: string): Rule[] {
  return findDocuments(db, "rule", ref);
}

export function deleteRule(db: Db, id: RuleId): void {
  db.run("DELETE FROM rule WHERE id = $id", { id });
}

/** Forgets those that ran out before. */
export function deleteExpiredRules(db: Db, now: number): void {
  db.run("DELETE FROM rule WHERE until <= $now", { now });
}
