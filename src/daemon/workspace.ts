import { isAbsolute, basename } from "node:path";
import { DispatchError } from "../base/error.ts";
import { newId } from "../base/id.ts";
import type { Session } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { countUse } from "../store/project.ts";
import { getTask } from "../store/task.ts";
import { findWorkspaceByPath, findWorkspaces, getWorkspace, saveWorkspace } from "../store/workspace.ts";
import { findRepository, openFolder } from "../workspaces/repository.ts";
import type { Tx } from "./commit.ts";
import { checkTogether } from "./together.ts";

/**
 * The workspace that a path, a name or an id means; for a folder that nobody has used yet, a new one that
 * `settleWorkspace` and `writeWorkspace` make known.
 * @throws DispatchError `invalid` for a path that is no folder, `not_found` or `ambiguous` for a name
 */
export async function openWorkspace(db: Db, ref: string): Promise<Workspace> {
  if (!isAbsolute(ref)) return findWorkspace(db, ref);
  const path = await openFolder(ref);
  const found = findWorkspaceByPath(db, path);
  if (found) return found;
  const repository = await findRepository(path);
  return {
    id: newId("wks"),
    name: basename(path) || path,
    path,
    repository: repository && !repository.bare ? repository.root : null,
    createdAt: Date.now(),
  };
}

/** The same for one in which something begins: its folder is there, by whatever it was named. @throws DispatchError as it */
export async function openPlace(db: Db, ref: string): Promise<Workspace> {
  const workspace = await openWorkspace(db, ref);
  if (!isAbsolute(ref)) await openFolder(workspace.path);
  return workspace;
}

/** The workspaces of one task, its own first. @throws DispatchError as `openPlace` and `checkTogether` */
export async function openTogether(db: Db, refs: readonly string[]): Promise<Workspace[]> {
  const opened = await Promise.all(refs.map((ref) => openPlace(db, ref)));
  await checkTogether(opened);
  return opened;
}

/** First tasks of a folder may race for it: the workspace that is there first stays. Nothing may await from here to the commit. */
export function settleWorkspace(db: Db, opened: Workspace): Workspace {
  return findWorkspaceByPath(db, opened.path) ?? opened;
}

/** Writes a workspace that is new, or was taken off the list. */
export function writeWorkspace(tx: Tx, { removedAt, ...workspace }: Workspace): void {
  if (removedAt === undefined && getWorkspace(tx.db, workspace.id)) return;
  changeWorkspace(tx, workspace);
}

/** The same for one in which something begins, which is remembered of its folder and of its repository. */
export function useWorkspace(tx: Tx, workspace: Workspace): void {
  writeWorkspace(tx, workspace);
  for (const path of new Set([workspace.path, workspace.repository ?? workspace.path]))
    countUse(tx.db, path, Date.now());
}

export function changeWorkspace(tx: Tx, workspace: Workspace): void {
  saveWorkspace(tx.db, workspace);
  tx.announce({ type: "workspace", workspace });
}

/** What a session is called where it stands among others: without a name, as its task, or else as its workspace. */
export function calledIn(db: Db, { id, name, task, workspace }: Session): string {
  const slug = task === null ? null : getTask(db, task)?.slug;
  return name ?? slug ?? getWorkspace(db, workspace)?.name ?? id;
}

/** The same of several, by their ids. */
export function calledAll(db: Db, sessions: readonly Session[]): Record<string, string> {
  return Object.fromEntries(sessions.map((each) => [each.id, calledIn(db, each)]));
}

/** The known workspaces that a name, an id or a path means. */
export function workspacesCalled(db: Db, ref: string): Workspace[] {
  if (!isAbsolute(ref)) return findWorkspaces(db, ref);
  const found = findWorkspaceByPath(db, ref);
  return found ? [found] : [];
}

/** The one known workspace that a name, an id or a path means. @throws DispatchError `not_found` or `ambiguous` */
export function findWorkspace(db: Db, ref: string): Workspace {
  const found = workspacesCalled(db, ref);
  const [first, ...rest] = found;
  if (first && rest.length === 0) return first;
  const name = JSON.stringify(ref);
  if (!first) throw new DispatchError("not_found", `no workspace ${name}`, { hint: "dispatch workspaces" });
  throw new DispatchError("ambiguous", `${name} means ${found.length} workspaces`, {
    candidates: found.map(({ id, path }) => `${id} ${path}`),
  });
}
