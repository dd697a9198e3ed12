import { DispatchError } from "../base/error.ts";
import type { CallAnswer, CallInput } from "../protocol/api.ts";
import type { ErrorBody } from "../protocol/error.ts";
import {
  FOLDER_HEADER,
  ROUTES,
  type RouteName,
  type RouteParams,
  VERSION_HEADER,
} from "../protocol/route.ts";

/** Where a daemon listens: its socket (the folder is the key), or a loopback port with the token. */
export type Address = { kind: "socket"; path: string } | { kind: "loopback"; url: string; token: string };

/** `key`: a repeat with the same key and input is answered, not done again. */
export interface CallOptions {
  key?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** The daemon as its clients see it. */
export interface Client {
  /**
   * Makes one call of `protocol/api.ts`.
   * @throws DispatchError as the daemon said it; NoDaemonError when nothing listens; LostCallError when it went away
   */
  call<Name extends RouteName>(
    name: Name,
    params: RouteParams<Name>,
    input: CallInput<Name>,
    options?: CallOptions,
  ): Promise<CallAnswer<Name>>;
}

/** Nothing listens at the address, so the call was not made. */
export class NoDaemonError extends DispatchError {
  constructor(where: string, cause: unknown) {
    super("unavailable", `no daemon listens at ${where}`, { hint: "dispatch daemon start", cause });
    this.name = "NoDaemonError";
  }
}

/** The daemon went away before it answered: nobody knows whether it saw the call. */
export class LostCallError extends DispatchError {
  constructor(cause: unknown) {
    super("internal", "the daemon went away before it answered", { hint: "dispatch daemon status", cause });
    this.name = "LostCallError";
  }
}

/** Connection errors after which it is certain that no daemon has seen the call. */
const NOT_LISTENING = new Set([
  "ENOENT",
  "ENOTDIR",
  "ECONNREFUSED",
  "ConnectionRefused",
  "FailedToOpenSocket",
]);

/** `folder`: where the caller stands, absolute. `answeredBy` is told the version of the daemon with each answer. */
export interface ClientOptions {
  folder?: string;
  answeredBy?: (version: string | null) => void;
}

/** A client of the daemon at an address. */
export function createClient(address: Address, { folder, answeredBy }: ClientOptions = {}): Client {
  const own: Record<string, string> =
    folder === undefined ? {} : { [FOLDER_HEADER]: encodeURIComponent(folder) };
  return {
    async call(name, params, input, options = {}) {
      const { response, text } = await send(address, requestOf(name, params, input), { ...options, own });
      answeredBy?.(response.headers.get(VERSION_HEADER));
      return read(response, text) as CallAnswer<typeof name>;
    },
  };
}

interface Request {
  method: string;
  path: string;
  body?: string;
}

function requestOf(name: RouteName, params: Record<string, string>, input: unknown): Request {
  const [method, template] = ROUTES[name];
  const path = template.replace(/:(\w+)/g, (_, key: string) => segmentOf(params[key] ?? ""));
  if (method === "GET") return { method, path: path + queryOf(input as Query) };
  return { method, path, body: JSON.stringify(input ?? {}) };
}

/** A name as a part of a path. URLs have no form for some of them: `..` would be a step to another call. */
function segmentOf(name: string): string {
  if (name === "" || name === "." || name === "..")
    throw new DispatchError("not_found", `nothing is called ${JSON.stringify(name)}`);
  return encodeURIComponent(name.toWellFormed());
}

type Query = Record<string, string | number | boolean | undefined>;

function queryOf(input: Query): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(input)) if (value !== undefined) query.set(key, String(value));
  return query.size === 0 ? "" : `?${query.toString()}`;
}

/** The answer, whole: a daemon may go away in the middle of one. */
async function send(
  address: Address,
  request: Request,
  options: CallOptions & { own: Record<string, string> },
): Promise<{ response: Response; text: string }> {
  const headers = { ...options.own };
  if (request.body !== undefined) headers["content-type"] = "application/json";
  if (options.key !== undefined) headers["idempotency-key"] = options.key;
  if (address.kind === "loopback") headers["authorization"] = `Bearer ${address.token}`;
  const base = address.kind === "socket" ? "http://localhost" : address.url;
  try {
    const response = await fetch(base + request.path, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(address.kind === "socket" ? { unix: address.path } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    return { response, text: await response.text() };
  } catch (error) {
    throw connectionError(error, address);
  }
}

function connectionError(error: unknown, address: Address): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const where = address.kind === "socket" ? address.path : address.url;
  if (code === "ENAMETOOLONG")
    return new DispatchError("unavailable", `the path of the socket is too long: ${where}`, {
      hint: "set DISPATCH_HOME to a shorter path",
    });
  if (code !== undefined && NOT_LISTENING.has(code)) return new NoDaemonError(where, error);
  if (code === "ECONNRESET" || code === "EPIPE" || code === "ConnectionClosed")
    return new LostCallError(error);
  return error;
}

function read(response: Response, text: string): unknown {
  const document = parse(text);
  if (response.ok && document !== undefined) return document;
  const error = (document as { error?: ErrorBody } | undefined)?.error;
  if (error) throw new DispatchError(error.code, error.message, error);
  throw new DispatchError("internal", `the daemon's answer cannot be read (status ${response.status})`, {
    hint: "dispatch daemon restart",
  });
}

/** Undefined for what is no JSON: something else listens there, or it broke off. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
