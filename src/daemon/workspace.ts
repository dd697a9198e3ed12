import { isAbsolute, basename } from "node:path";
import { DispatchError } from "../base/error.ts";
import { newId } from "../base/id.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { findWorkspaceByPath, findWorkspaces, insertWorkspace } from "../store/workspace.ts";
import { findRepository, openFolder } from "../workspaces/repository.ts";
import type { Tx } from "./commit.ts";

/** The workspace of a request; a folder that is seen for the first time is written with what uses it. */
export interface OpenedWorkspace {
  workspace: Workspace;
  write(tx: Tx): void;
}

/**
 * The workspace that a path, a name or an id means.
 * @throws DispatchError `invalid` for a path that is no folder, `not_found` or `ambiguous` for a name
 */
export async function openWorkspace(db: Db, ref: string): Promise<OpenedWorkspace> {
  if (!isAbsolute(ref)) return known(findWorkspace(db, ref));
  const path = await openFolder(ref);
  const found = findWorkspaceByPath(db, path);
  if (found) return known(found);
  const repository = await findRepository(path);
  const workspace: Workspace = {
    id: newId("wks"),
    name: basename(path) || path,
    path,
    repository: repository && !repository.bare ? repository.root : null,
    createdAt: Date.now(),
  };
  return { workspace, write: (tx) => writeNew(tx, workspace) };
}

/** The one known workspace that a name, an id or a path means. @throws DispatchError `not_found` or `ambiguous` */
export function findWorkspace(db: Db, ref: string): Workspace {
  const found = isAbsolute(ref)
    ? [findWorkspaceByPath(db, ref)].filter((each) => each !== null)
    : findWorkspaces(db, ref);
  const [first, ...rest] = found;
  if (first && rest.length === 0) return first;
  const name = JSON.stringify(ref);
  if (!first) throw new DispatchError("not_found", `no workspace ${name}`, { hint: "dispatch workspaces" });
  throw new DispatchError("ambiguous", `${name} means ${found.length} workspaces`, {
    candidates: found.map(({ id, path }) => `${id} ${path}`),
  });
}

function known(workspace: Workspace): OpenedWorkspace {
  return { workspace, write() {} };
}

/** Two first tasks of a folder may race for it: the workspace that is there first stays. */
function writeNew(tx: Tx, workspace: Workspace): void {
  insertWorkspace(tx.db, workspace);
  tx.announce({ type: "workspace", workspace });
}
