import { DispatchError } from "../../base/error.ts";
import type { Client } from "../../client/client.ts";
import { everySession } from "../../client/every.ts";
import type { CallInput } from "../../protocol/api.ts";
import { modelsOf, sessionOf, workspaceOf } from "./words.ts";

/** What a call is answered with. */
interface Answer {
  readonly status: number;
  readonly body: object;
}

type Route = (client: Client, ids: string[], body: Record<string, unknown>) => Promise<Answer>;

/** oppi's calls, as far as its programs use them. The ids in a path are given in order. */
const ROUTES: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  ["GET", /^\/workspaces$/, listWorkspaces],
  ["GET", /^\/models$/, listModels],
  ["GET", /^\/workspaces\/([^/]+)\/sessions$/, listSessions],
  ["POST", /^\/workspaces\/([^/]+)\/sessions$/, createSession],
  ["GET", /^\/workspaces\/([^/]+)\/sessions\/([^/]+)$/, getSession],
  ["DELETE", /^\/workspaces\/([^/]+)\/sessions\/([^/]+)$/, deleteSession],
  ["POST", /^\/workspaces\/([^/]+)\/sessions\/([^/]+)\/resume$/, resumeSession],
  ["POST", /^\/workspaces\/([^/]+)\/sessions\/([^/]+)\/stop$/, stopSession],
];

/** Answers a call. @throws DispatchError as the daemon says it, `not_found` for a path that oppi does not have */
export async function answerCall(
  client: Client,
  { method, path, body }: { method: string; path: string; body: Record<string, unknown> },
): Promise<Answer> {
  for (const [takes, pattern, route] of ROUTES) {
    const match = method === takes ? pattern.exec(path) : null;
    if (match) return route(client, match.slice(1).map(decode), body);
  }
  throw new DispatchError("not_found", `no such path: ${method} ${path}`);
}

async function listWorkspaces(client: Client): Promise<Answer> {
  const { workspaces } = await client.call("listWorkspaces", {}, {});
  return ok({ workspaces: workspaces.map(workspaceOf) });
}

async function listModels(client: Client): Promise<Answer> {
  const { models } = await client.call("listModels", {}, {});
  return ok({ models: modelsOf(models) });
}

async function listSessions(client: Client, [workspace = ""]: string[]): Promise<Answer> {
  const sessions = await everySession(client, { workspace, origin: "manual" });
  return ok({ sessions: sessions.map(sessionOf) });
}

async function createSession(
  client: Client,
  [workspace = ""]: string[],
  body: Record<string, unknown>,
): Promise<Answer> {
  const request: CallInput<"createSession"> = { workspace };
  if (typeof body["name"] === "string" && body["name"] !== "") request.name = body["name"];
  if (typeof body["model"] === "string" && body["model"] !== "") request.model = body["model"];
  const { session } = await client.call("createSession", {}, request);
  return { status: 201, body: { session: sessionOf(session) } };
}

async function getSession(client: Client, ids: string[]): Promise<Answer> {
  return ok({ session: sessionOf(await sessionIn(client, ids)) });
}

/** oppi's clients may remove a session that runs. */
async function deleteSession(client: Client, ids: string[]): Promise<Answer> {
  const { id, status } = await sessionIn(client, ids);
  if (status.state !== "stopped" && status.state !== "error")
    await client.call("stopSession", { session: id }, {});
  await client.call("deleteSession", { session: id }, {});
  return ok({ ok: true });
}

/** A session that never had an agent gets one with its first prompt: until then its level of thinking can be chosen. */
async function resumeSession(client: Client, ids: string[]): Promise<Answer> {
  const known = await sessionIn(client, ids);
  if (known.epoch === 0) return ok({ session: sessionOf(known) });
  const { session } = await client.call("resumeSession", { session: known.id }, {});
  return ok({ session: sessionOf(session) });
}

/** `status` stands at the top too: oppi's documentation reads it there. */
async function stopSession(client: Client, ids: string[]): Promise<Answer> {
  const { id } = await sessionIn(client, ids);
  const { session } = await client.call("stopSession", { session: id }, {});
  return ok({ ok: true, status: session.status.state, session: sessionOf(session) });
}

/** @throws DispatchError `not_found` for a session of another workspace */
async function sessionIn(client: Client, [workspace = "", id = ""]: string[]) {
  const found = await client.call("getSession", { session: id }, {});
  if (found.workspace.id === workspace || found.workspace.name === workspace) return found.session;
  throw new DispatchError("not_found", `Session not found: ${id}`);
}

function ok(body: object): Answer {
  return { status: 200, body };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new DispatchError("invalid", `${part} is not a valid part of a path`, { cause: error });
  }
}
