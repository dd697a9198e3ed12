import type { WorkspaceId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";
import { saveAttempt } from "../store/attempt.ts";
import { listenTo } from "../store/caller-notice.ts";
import { saveAfter, sweepSlugTaken } from "../store/sweep.ts";
import { insertTask, slugTaken } from "../store/task.ts";
import type { Tx } from "./commit.ts";
import { learnModel } from "./learn-model.ts";
import type { NewTask } from "./new-task.ts";
import type { Parts } from "./parts.ts";

/** Whether a name means a task or a sweep of a workspace: the two share their names, since commands take both. */
export function nameTaken(db: Db, workspace: WorkspaceId, slug: string): boolean {
  return slugTaken(db, workspace, slug) || sweepSlugTaken(db, workspace, slug);
}

/** Writes a task that is new. Those that it comes after are in the store, or follow in the same transaction. */
export function writeNewTask(tx: Tx, { task, attempt, text, listener }: NewTask): void {
  insertTask(tx.db, { task, ...text });
  saveAttempt(tx.db, task.id, attempt);
  saveAfter(tx.db, task);
  if (listener !== null) listenTo(tx.db, task.id, listener);
  tx.announce({ type: "task", task });
}

/** Writes models that agents offer into the config, each once. @returns what a person is told */
export function learnAll(made: readonly NewTask[], { config }: Parts): string[] {
  const models = new Map(
    made.filter(({ learned }) => learned).map(({ task }) => [task.model.name, task.model]),
  );
  return [...models.values()].flatMap((model) => learnModel(model, config));
}
