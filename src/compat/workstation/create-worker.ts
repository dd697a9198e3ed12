import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import type { Client } from "../../client/client.ts";
import type { CallInput } from "../../protocol/api.ts";
import { MAX_NAME_LENGTH } from "../../protocol/task.ts";
import { WorkspaceName } from "../../protocol/workspace.ts";
import { senderOf } from "./sessions.ts";
import { userFolder } from "./user-folder.ts";
import { command, failed, MAX_PATH_CHARS, ok, textField } from "./wire.ts";

const MAX_REPO_CHARS = 256;
const SKIP_PERMISSIONS = "--dangerously-skip-permissions";
/** Sessions of one repository that get their names here. */
const MAX_NUMBER = 100;

const FAULTS = {
  outside: "path must be under home directory",
  missing: "path does not exist",
  "no folder": "path is not a directory",
} as const;

type Request = CallInput<"createSession">;

/** Opens an agent in a terminal; what it may do without asking is settled with that. */
export const createWorker = command({
  payload: z.object({
    repo: textField("repo", MAX_REPO_CHARS),
    repoPath: textField("repoPath", MAX_PATH_CHARS),
    taskId: z.string().nullish(),
    claudeFlags: z.enum(["", SKIP_PERMISSIONS], "Invalid claudeFlags in payload").nullish(),
  }),
  async run({ client, home }, { repo, repoPath, taskId, claudeFlags }, sender) {
    const folder = userFolder(home, repoPath);
    if ("fault" in folder) return failed(`Invalid repo path: ${FAULTS[folder.fault]}`);
    const from = await senderOf(client, sender);
    const request: Request = {
      kind: "terminal",
      workspace: folder.path,
      ...(claudeFlags ? { permissions: "all" } : {}),
      ...(from ? { fromSession: from.id } : {}),
    };
    try {
      await nameWorkspace(client, folder.path, repo);
      const name = (taskId ?? "").slice(0, MAX_NAME_LENGTH).trim();
      const newSessionId = await (name === ""
        ? openNext(client, request)
        : open(client, { ...request, name }));
      return ok("create_worker", { newSessionId });
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      return failed(`Failed to create worker: ${error.message}`);
    }
  },
});

async function open(client: Client, request: Request): Promise<string> {
  return (await client.call("createSession", {}, request)).session.id;
}

/** The first session of a repository has no name; further ones, for which the client gave none, are counted. */
async function openNext(client: Client, request: Request): Promise<string> {
  for (let number = 1; ; number++)
    try {
      return await open(client, number === 1 ? request : { ...request, name: `worker-${number}` });
    } catch (error) {
      const isTaken = error instanceof DispatchError && error.code === "conflict";
      if (!isTaken || number === MAX_NUMBER) throw error;
    }
}

/** Calls a folder what the client calls it, unless it has a name already, or another folder has that one. */
async function nameWorkspace(client: Client, path: string, name: string): Promise<void> {
  const { workspaces } = await client.call("listWorkspaces", {}, {});
  const isUsable = WorkspaceName.safeParse(name).success;
  if (!isUsable || workspaces.some((each) => each.path === path || each.name === name)) return;
  await client.call("addWorkspace", {}, { path, name });
}
