import type { Server } from "bun";
import { DispatchError } from "../../base/error.ts";
import { ERROR_STATUS } from "../../protocol/error-status.ts";
import type { Core, Face } from "../core.ts";
import { Connection } from "./connection.ts";
import { answerCall } from "./rest.ts";

/** The longest frame of a client, in bytes; a longer one closes the connection with 1009. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 100;
/** A client that answers no ping for this long is gone. */
const SILENCE_S = 60;

export interface OppiOptions {
  readonly core: Core;
  readonly token: string;
  readonly port: number;
  /** A certificate and its key, in PEM; absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Gets what nobody was told. */
  readonly report: (error: unknown) => void;
}

/** oppi's REST calls and its `/stream` on 127.0.0.1. @throws DispatchError `unavailable` when the port is taken */
export function openOppi({ core, token, port, tls, report }: OppiOptions): Face {
  const connections = new Set<Connection>();
  const server = listen(port, {
    hostname: "127.0.0.1",
    reusePort: false,
    development: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    ...(tls ? { tls } : {}),
    async fetch(request: Request, self: Server<Connection>) {
      try {
        admit(request.headers, token);
        const { pathname } = new URL(request.url);
        if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
          return await answer(core, request, pathname);
        if (pathname !== "/stream") throw new DispatchError("not_found", `no such path: ${pathname}`);
        if (connections.size >= MAX_CONNECTIONS) throw new DispatchError("limited", "too many connections");
        return self.upgrade(request, { data: new Connection(core, report) })
          ? undefined
          : refusal(400, "not a WebSocket");
      } catch (error) {
        if (!(error instanceof DispatchError)) report(error);
        const known =
          error instanceof DispatchError ? error : new DispatchError("internal", "something broke");
        return refusal(ERROR_STATUS[known.code], known.message);
      }
    },
    websocket: {
      data: {} as Connection,
      maxPayloadLength: MAX_FRAME_BYTES,
      idleTimeout: SILENCE_S,
      sendPings: true,
      perMessageDeflate: true,
      open(socket) {
        connections.add(socket.data);
        socket.data.opened(socket);
      },
      message: (socket, message) => socket.data.received(message),
      close(socket) {
        connections.delete(socket.data);
        socket.data.closed();
      },
    },
  });
  return {
    async close() {
      for (const connection of connections) connection.leave();
      await server.stop(true);
    },
  };
}

function listen(port: number, options: Bun.Serve.Options<Connection>): Server<Connection> {
  try {
    return Bun.serve({ ...options, port } as Bun.Serve.Options<Connection>);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    throw new DispatchError("unavailable", `port ${port} is taken by another program: oppi's face is closed`);
  }
}

/** A page in a browser has an Origin, and no business here. @throws DispatchError `forbidden`, `unauthorized` */
function admit(headers: Headers, token: string): void {
  if (headers.get("origin") !== null)
    throw new DispatchError("forbidden", "requests from web pages are refused");
  const sent = new Bun.CryptoHasher("sha256").update(headers.get("authorization") ?? "").digest();
  if (crypto.timingSafeEqual(sent, new Bun.CryptoHasher("sha256").update(`Bearer ${token}`).digest())) return;
  throw new DispatchError("unauthorized", "the token is missing or wrong");
}

async function answer(core: Core, request: Request, path: string): Promise<Response> {
  const { status, body } = await answerCall(core.client, {
    method: request.method,
    path,
    body: request.method === "POST" ? await bodyOf(request) : {},
  });
  return Response.json(body, { status });
}

/** Every request says that it is JSON, also one without a body. */
async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  const text = await request.text();
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new DispatchError("invalid", "the body is no JSON object");
}

function refusal(status: number, error: string): Response {
  const challenge = status === 401 ? { "www-authenticate": "Bearer" } : {};
  return Response.json({ error }, { status, headers: challenge });
}
