/**
 * Answers the calls of `protocol/api.ts`.
 *
 * A call that changes something may carry an `Idempotency-Key`. Its handler writes through `call.commit`, which keeps
 * the answer under that key in the transaction of the effect (`once.ts`), so a handler knows nothing of keys:
 *
 *     async createTask({ body, commit }, parts) {
 *       const workspace = await openWorkspace(body.workspace); // what takes time comes first
 *       const answer = commit((tx) => { …; return { task, workspace, notices: [] }; });
 *       parts.scheduler.consider(); // what the next start does anyway comes after
 *       return answer;
 *     }
 */
import { DispatchError } from "../../base/error.ts";
import { API } from "../../protocol/api.ts";
import { FOLDER_HEADER, ROUTES, type RouteName } from "../../protocol/route.ts";
import type { Parts } from "../parts.ts";
import type { Handlers } from "../routes/handler.ts";
import { matchRoute } from "./match.ts";
import { asked, Once } from "./once.ts";
import { check, parseBody, readBody } from "./read.ts";
import type { z } from "zod";

/** What a call reads; GET calls have a query, all others a body where they need one. */
type Schemas = { query?: z.ZodObject; body?: z.ZodType };

/** Answers one request with a JSON document. @throws DispatchError what the caller did wrong or cannot have */
export type Dispatch = (request: Request, url: URL) => Promise<string>;

export function createDispatch(handlers: Handlers, parts: Parts): Dispatch {
  const once = new Once(parts.ledger);
  return async (request, url) => {
    const { name, params } = matchRoute(request.method, url.pathname);
    const handle = handlers[name] as (call: unknown, parts: Parts) => unknown;
    const schemas = API[name] as Schemas;
    const query = schemas.query && check(schemas.query, Object.fromEntries(url.searchParams));
    const from = folderOf(request);
    if (isReading(name)) return JSON.stringify(await handle({ params, from, query }, parts));
    const text = schemas.body ? await readBody(request) : "";
    const body = schemas.body && check(schemas.body, parseBody(text));
    const key = request.headers.get("idempotency-key");
    const call = key === null ? null : asked(key, request.method, url.pathname, text);
    return once.answer(call, (commit) => handle({ params, from, query, body, commit }, parts));
  };
}

/** @throws DispatchError `invalid` for what is not URI-encoded */
function folderOf({ headers }: Request): string | null {
  const encoded = headers.get(FOLDER_HEADER);
  if (encoded === null) return null;
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    throw new DispatchError("invalid", `the header ${FOLDER_HEADER} is not URI-encoded`, { cause: error });
  }
}

function isReading(name: RouteName): boolean {
  return ROUTES[name][0] === "GET";
}
