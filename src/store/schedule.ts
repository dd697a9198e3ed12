import type { ScheduleId } from "../protocol/id.ts";
import type { Schedule } from "../protocol/schedule.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocument, readDocuments, saveDocument } from "./document.ts";

export function saveSchedule(db: Db, schedule: Schedule): void {
  saveDocument(db, "schedule", schedule);
}

export function getSchedule(db: Db, id: ScheduleId): Schedule | null {
  return readDocument(db, "SELECT body FROM schedule WHERE id = $id", { id });
}

export function deleteSchedule(db: Db, id: ScheduleId): void {
  db.run("DELETE FROM schedule WHERE id = $id", { id });
}

export function listSchedules(db: Db): Schedule[] {
  return readDocuments(db, "SELECT body FROM schedule ORDER BY name");
}

/** The one whose time comes first; null when none has one. */
export function nextSchedule(db: Db): Schedule | null {
  return readDocument(
    db,
    "SELECT body FROM schedule WHERE enabled AND next IS NOT NULL ORDER BY next, id LIMIT 1",
    {},
  );
}

/** The schedules that `ref` can mean: a name, an id or the prefix of one. */
export function findSchedules(db: Db, ref: string): Schedule[] {
  const named = readDocuments<Schedule>(db, "SELECT body FROM schedule WHERE name = $ref", { ref });
  return named.length > 0 ? named : findDocuments(db, "schedule", ref);
}
