import type { MergeId, TaskId } from "../protocol/id.ts";
import type { Merge } from "../protocol/merge.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocument, readDocuments, saveDocument } from "./document.ts";

/** `before` is the `next` of the page before; newest first. */
export interface MergePage {
  limit: number;
  before?: string | undefined;
  state: "open" | "ended" | "all";
}

export function saveMerge(db: Db, merge: Merge): void {
  saveDocument(db, "merge", merge);
}

export function getMerge(db: Db, id: MergeId): Merge | null {
  return readDocument(db, "SELECT body FROM merge WHERE id = $id", { id });
}

/** The merges that `ref` can mean: an id, or the prefix of one. */
export function findMerges(db: Db, ref: string): Merge[] {
  return findDocuments(db, "merge", ref);
}

/** A task's merge that is not over. */
export function openMergeOf(db: Db, task: TaskId): Merge | null {
  return readDocument(db, "SELECT body FROM merge WHERE task = $task AND open", { task });
}

/** The last merge of a task, over or not. */
export function lastMergeOf(db: Db, task: TaskId): Merge | null {
  return readDocument(db, "SELECT body FROM merge WHERE task = $task ORDER BY place DESC LIMIT 1", { task });
}

/** All that are not over, in the order in which they were queued. */
export function openMerges(db: Db): Merge[] {
  return readDocuments(db, "SELECT body FROM merge WHERE open ORDER BY place");
}

/** A page of merges; `next` is null on the last one. */
export function listMerges(db: Db, page: MergePage): { merges: Merge[]; next: string | null } {
  const found = readDocuments<Merge>(
    db,
    `SELECT body FROM merge
     WHERE ($before IS NULL OR place < (SELECT place FROM merge WHERE id = $before))
       AND ($state = 'all' OR open = ($state = 'open'))
     ORDER BY place DESC LIMIT $limit + 1`,
    { before: page.before ?? null, state: page.state, limit: page.limit },
  );
  const merges = found.slice(0, page.limit);
  return { merges, next: found.length > page.limit ? merges.at(-1)!.id : null };
}
