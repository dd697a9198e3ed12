import { isAbsolute } from "node:path";
import { DispatchError } from "../../base/error.ts";
import { quote } from "../../core/quote.ts";
import type { Config } from "../../protocol/config.ts";
import type { Workspace, WorkspaceSetting } from "../../protocol/workspace.ts";
import type { Db } from "../../sqlite/database.ts";
import { findWorkspaces, getWorkspace, listWorkspaces, liveIn } from "../../store/workspace.ts";
import type { ConfigEdit } from "../config.ts";
import { modelOf } from "../new-task.ts";
import type { Parts } from "../parts.ts";
import { infoOf, sectionFor, sectionOf } from "../workspace-settings.ts";
import { changeWorkspace, findWorkspace, openWorkspace, settleWorkspace } from "../workspace.ts";
import type { Handlers } from "./handler.ts";

type WorkspaceCalls = "listWorkspaces" | "addWorkspace" | "setWorkspace" | "removeWorkspace";

export const workspaceHandlers: Pick<Handlers, WorkspaceCalls> = {
  listWorkspaces(_, { ledger, config }) {
    const read = config.sound();
    return { workspaces: listWorkspaces(ledger.db).map((workspace) => infoOf(read, workspace)) };
  },

  async addWorkspace({ body, commit }, { ledger: { db }, config }) {
    if (!isAbsolute(body.path)) throw new DispatchError("invalid", `${body.path} is no absolute path`);
    const { removedAt: _, ...found } = settleWorkspace(db, await openWorkspace(db, body.path));
    const workspace = { ...found, name: body.name ?? found.name };
    checkName(db, workspace);
    const read = config.read();
    const section = sectionOf(read, found);
    // A section that goes by the old name alone is tied to the folder, so that it stays this workspace's.
    if (section === found.name && section !== workspace.name)
      config.edit([{ key: ["workspaces", section, "path"], value: workspace.path }]);
    return commit((tx) => {
      changeWorkspace(tx, workspace);
      return { workspace: infoOf(config.last(), workspace) };
    });
  },

  setWorkspace({ params, body }, parts) {
    const config = parts.config.read();
    const workspace = mustFind(parts.ledger.db, params.workspace);
    checkSetting(body, config, parts);
    const section = sectionFor(config, workspace);
    const edits: ConfigEdit[] = [{ key: ["workspaces", section, ...body.key.split(".")], value: body.value }];
    if (sectionOf(config, workspace) === null && section !== workspace.path)
      edits.unshift({ key: ["workspaces", section, "path"], value: workspace.path });
    return { workspace: infoOf(parts.config.edit(edits).config, workspace) };
  },

  removeWorkspace({ params, commit }, { ledger: { db }, config }) {
    const workspace = mustFind(db, params.workspace);
    checkQuiet(db, workspace);
    const section = sectionOf(config.read(), workspace);
    if (section !== null) config.edit([{ key: ["workspaces", section], value: undefined }]);
    const removed = { ...workspace, removedAt: Date.now() };
    return commit((tx) => {
      changeWorkspace(tx, removed);
      return { workspace: removed };
    });
  },
};

/** The one on the list that is meant. @throws DispatchError `not_found` or `ambiguous` */
function mustFind(db: Db, ref: string): Workspace {
  const workspace = findWorkspace(db, ref);
  if (workspace.removedAt === undefined) return workspace;
  throw new DispatchError("not_found", `${workspace.path} is no workspace`, { hint: "dispatch workspaces" });
}

/** Folders of one name that tasks ran in are told apart by their paths; a name that is given now is one's own. */
function checkName(db: Db, { id, name, path }: Workspace): void {
  const other = findWorkspaces(db, name).find((each) => each.name === name && each.id !== id);
  const known = getWorkspace(db, id);
  if (!other || (known?.name === name && known.removedAt === undefined)) return;
  throw new DispatchError("conflict", `${name} is the workspace ${other.path}`, {
    hint: `dispatch workspaces add ${quote(path)} --name <another name>`,
  });
}

/** @throws DispatchError `not_found` for a model or agent that nobody knows */
function checkSetting(setting: WorkspaceSetting, config: Config, parts: Parts): void {
  if (setting.value === undefined || (setting.key !== "model" && setting.key !== "agent")) return;
  const sources = parts.knownAgents.sources(config, parts.environment);
  modelOf({ ...sources, request: { prompt: null, [setting.key]: setting.value }, entry: undefined });
}

function checkQuiet(db: Db, { id, name }: Workspace): void {
  const { tasks, sessions } = liveIn(db, id);
  if (tasks > 0)
    throw new DispatchError("conflict", `${name} has ${tasks} open ${tasks === 1 ? "task" : "tasks"}`, {
      hint: `dispatch tasks --workspace ${quote(name)}`,
    });
  if (sessions > 0)
    throw new DispatchError(
      "conflict",
      `${name} has ${sessions} live ${sessions === 1 ? "session" : "sessions"}`,
      {
        hint: "dispatch sessions",
      },
    );
}
