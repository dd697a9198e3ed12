import type { Question } from "../protocol/question.ts";
import type { TaskId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";
import { readDocuments, saveDocument } from "./document.ts";

export function saveQuestion(db: Db, question: Question): void {
  saveDocument(db, "question", question);
}

/** Every question of a task, in the order they were asked. */
export function listQuestions(db: Db, task: TaskId): Question[] {
  return readDocuments(db, "SELECT body FROM question WHERE task = $task ORDER BY place", { task });
}

/** What waits for a person, oldest first. */
export function listOpenQuestions(db: Db): Question[] {
  return readDocuments(db, "SELECT body FROM question WHERE open ORDER BY place");
}
