import type { WorkspaceId } from "../protocol/id.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocument, readDocuments, saveDocument } from "./document.ts";
import { alsoIn } from "./task.ts";

const LISTED = "body ->> '$.removedAt' IS NULL";

/** Writes a workspace that is new, or another state of one. */
export function saveWorkspace(db: Db, workspace: Workspace): void {
  saveDocument(db, "workspace", workspace);
}

export function getWorkspace(db: Db, id: WorkspaceId): Workspace | null {
  return readDocument(db, "SELECT body FROM workspace WHERE id = $id", { id });
}

/** @param path absolute and resolved */
export function findWorkspaceByPath(db: Db, path: string): Workspace | null {
  return readDocument(db, "SELECT body FROM workspace WHERE path = $path", { path });
}

/** The workspaces on the list that `ref` can mean: a name, an id or the prefix of one. */
export function findWorkspaces(db: Db, ref: string): Workspace[] {
  const named = readDocuments<Workspace>(
    db,
    `SELECT body FROM workspace WHERE name = $ref AND ${LISTED} ORDER BY id`,
    { ref },
  );
  if (named.length > 0) return named;
  return findDocuments<Workspace>(db, "workspace", ref).filter(({ removedAt }) => removedAt === undefined);
}

export function listWorkspaces(db: Db): Workspace[] {
  return readDocuments(db, `SELECT body FROM workspace WHERE ${LISTED} ORDER BY name, id`);
}

/** What is at work in a workspace: tasks that have not ended, and sessions whose agent runs. */
export function liveIn(db: Db, workspace: WorkspaceId): { tasks: number; sessions: number } {
  return db.get<{ tasks: number; sessions: number }>(
    `SELECT
       (SELECT COUNT(*) FROM task
        WHERE (workspace = $workspace OR ${alsoIn("$workspace")}) AND state IN ('submitted', 'working', 'input-required')) AS tasks,
       (SELECT COUNT(*) FROM session
        WHERE body ->> '$.workspace' = $workspace AND state IN ('starting', 'ready', 'busy', 'stopping')) AS sessions`,
    { workspace },
  )!;
}
