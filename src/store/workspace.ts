import type { WorkspaceId } from "../protocol/id.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocument, readDocuments, saveDocument } from "./document.ts";

export function insertWorkspace(db: Db, workspace: Workspace): void {
  saveDocument(db, "workspace", workspace);
}

export function getWorkspace(db: Db, id: WorkspaceId): Workspace | null {
  return readDocument(db, "SELECT body FROM workspace WHERE id = $id", { id });
}

/** @param path absolute and resolved */
export function findWorkspaceByPath(db: Db, path: string): Workspace | null {
  return readDocument(db, "SELECT body FROM workspace WHERE path = $path", { path });
}

/** The workspaces that `ref` can mean: a name, an id or the prefix of one. */
export function findWorkspaces(db: Db, ref: string): Workspace[] {
  const named = readDocuments<Workspace>(db, "SELECT body FROM workspace WHERE name = $ref ORDER BY id", {
    ref,
  });
  return named.length > 0 ? named : findDocuments(db, "workspace", ref);
}

export function listWorkspaces(db: Db): Workspace[] {
  return readDocuments(db, "SELECT body FROM workspace ORDER BY name, id");
}
