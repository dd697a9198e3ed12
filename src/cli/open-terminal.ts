import { statSync } from "node:fs";
import { DispatchError } from "../base/error.ts";
import { callerEnvironment } from "../client/environment.ts";
import type { CallAnswer, CallInput } from "../protocol/api.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Thinking } from "../protocol/thinking.ts";
import { callingSession } from "../client/calling-session.ts";
import type { Context, Flags, FlagValues } from "./command.ts";
import { reportNotice } from "./failure.ts";
import { usageError } from "./parse.ts";
import { PERMISSIONS } from "./run-request.ts";
import { sessionName } from "./session-words.ts";
import { THINKING_FLAG } from "./thinking.ts";
import { userPath } from "../client/user-path.ts";

/** What can be said of an agent that is to sit in a terminal. */
export const TERMINAL_FLAGS = {
  permissions: { value: "PRESET", choices: PERMISSIONS, help: "what the agent may do without asking" },
  "skip-permissions": { help: "have it ask nobody for anything: the same as --permissions all" },
  model: { value: "NAME", help: "the model or alias to use", short: "m" },
  agent: { value: "NAME", help: "the agent to use" },
  thinking: THINKING_FLAG,
  "idempotency-key": { value: "KEY", help: "a repeat with the same key opens no second session" },
} as const satisfies Flags;

type Opened = CallAnswer<"createSession">;

/** Opens a session in a terminal; `folder` is absolute, or a name that the daemon knows. */
export async function openTerminal(
  { client, environment }: Context,
  { folder, name }: { folder: string; name: string | undefined },
  flags: FlagValues<typeof TERMINAL_FLAGS>,
): Promise<Opened> {
  const permissions = permissionsOf(flags);
  const request: CallInput<"createSession"> = {
    kind: "terminal",
    workspace: folder,
    environment: callerEnvironment(environment),
    ...callingSession({ environment }),
    ...(name !== undefined && { name }),
    ...(permissions !== undefined && { permissions }),
    ...(flags.model !== undefined && { model: flags.model }),
    ...(flags.agent !== undefined && { agent: flags.agent }),
    ...(flags.thinking !== undefined && { thinking: flags.thinking as Thinking }),
  };
  const opened = await client.call("createSession", {}, request, { key: flags["idempotency-key"] });
  for (const notice of opened.notices) reportNotice(notice);
  return opened;
}

export function openedText({ session, workspace }: Opened): string {
  const name = session.name === null ? workspace.name : sessionName(session);
  const model = session.model?.name ?? session.agent;
  return `Opened ${name} in ${workspace.path} using ${model}. Sit down at it: dispatch attach ${session.id}`;
}

/** A folder that is there, or else the name of a repository, which the daemon knows. */
export function folderOrName(text: string, environment: Context["environment"]): string {
  const isPath = /^(?:[~/]|\.{1,2}(?:\/|$))/.test(text) || isFolder(userPath(text, environment));
  return isPath ? existingFolder(text, environment) : text;
}

/** The folder that a path of a person's means. @throws DispatchError `not_found` where there is none */
export function existingFolder(text: string, environment: Context["environment"]): string {
  const path = userPath(text, environment);
  if (isFolder(path)) return path;
  const found = statSync(path, { throwIfNoEntry: false });
  throw new DispatchError("not_found", found ? `${path} is no folder` : `there is no folder ${path}`, {
    hint: found ? "name the folder that it is in" : `mkdir -p ${path}, or dispatch workspaces`,
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function permissionsOf(flags: FlagValues<typeof TERMINAL_FLAGS>): Permissions | undefined {
  const given = flags.permissions as Permissions | undefined;
  if (flags["skip-permissions"] !== true) return given;
  if (given === undefined || given === "all") return "all";
  throw usageError(
    `--skip-permissions and --permissions ${given} exclude each other`,
    "dispatch open --help",
  );
}
