import { chmodSync, rmSync } from "node:fs";
import type { Server } from "bun";
import { DispatchError } from "../../base/error.ts";
import type { Log } from "../log.ts";
import { answered, failed } from "./answer.ts";
import type { Dispatch } from "./dispatch.ts";
import { admit, type Door } from "./door.ts";
import { SOCKET_HANDLER, type SocketClient } from "./socket-client.ts";
import type { Stream } from "./stream.ts";
import { Terminals } from "./terminals.ts";

/** Bytes of a unix socket's path, its end included: `sun_path` of unix(7), the shortest of our systems (macOS). */
const MAX_SOCKET_PATH_BYTES = process.platform === "darwin" ? 104 : 108;
/** A connection that sends no request for this long is closed; a call that is being answered is never cut. */
const IDLE_S = 60;
/** What running calls get to end in when the daemon stops. */
const STOP_GRACE_MS = 5_000;

/** What answers behind every door. */
export interface Desk {
  dispatch: Dispatch;
  stream: Stream;
  terminals: Terminals;
  log: Log;
}

/** An open door. */
export interface Listener {
  /** The loopback port; null for the socket. */
  readonly port: number | null;
  /** Takes no more calls and resolves when the running ones are answered or their grace is over. */
  close(): Promise<void>;
}

/**
 * Listens on a unix socket. Whoever calls holds the home's lock, so that a file that is there already is a dead one's.
 * @throws DispatchError `unavailable` when the path is too long
 */
export function listenOnSocket(path: string, desk: Desk): Listener {
  if (Buffer.byteLength(path) >= MAX_SOCKET_PATH_BYTES)
    throw new DispatchError("unavailable", `the path of the socket is too long: ${path}`, {
      hint: `set DISPATCH_HOME to a shorter path: the socket's may have ${MAX_SOCKET_PATH_BYTES - 1} bytes`,
    });
  rmSync(path, { force: true });
  // The types know it for ports only; without it a call is cut after ten seconds, whatever `server.timeout` says.
  const idle: object = { idleTimeout: IDLE_S };
  const server = Bun.serve({ ...options({ kind: "socket" }, desk), ...idle, unix: path });
  chmodSync(path, 0o600);
  return listenerOf(server, null);
}

/** Listens on 127.0.0.1. @returns null when another program has the port; 0 takes a free one */
export function listenOnLoopback(wanted: number, token: string, desk: Desk): Listener | null {
  const door: Door = { kind: "loopback", token, port: () => server.port! };
  // Outside of development the runtime shares ports: another program could take half of our calls, token and all.
  const alone = { hostname: "127.0.0.1", port: wanted, reusePort: false, idleTimeout: IDLE_S };
  let server: Server<SocketClient>;
  try {
    server = Bun.serve({ ...options(door, desk), ...alone });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" || code === "EACCES") return null;
    throw error;
  }
  return listenerOf(server, server.port!);
}

function options(door: Door, desk: Desk) {
  return {
    maxRequestBodySize: Number.MAX_SAFE_INTEGER, // ours is checked while reading, and answered as JSON
    development: false,
    websocket: SOCKET_HANDLER,
    fetch: (request: Request, server: Server<SocketClient>) => answer(request, server, { door, desk }),
  };
}

async function answer(
  request: Request,
  server: Server<SocketClient>,
  { door, desk }: { door: Door; desk: Desk },
): Promise<Response | undefined> {
  try {
    admit(request.headers, door);
    server.timeout(request, 0);
    const url = new URL(request.url, "http://localhost");
    const client = request.method === "GET" ? socketClient(url.pathname, desk) : null;
    if (client) return upgrade(request, server, client);
    if (request.method === "GET" && url.pathname === "/openapi.json") {
      const { openApi } = await import("./openapi.ts");
      return answered(JSON.stringify(openApi()));
    }
    return answered(await desk.dispatch(request, url));
  } catch (error) {
    return failed(error, desk.log);
  }
}

/** Who a WebSocket on this path is; null: it takes calls. @throws DispatchError where nobody is let in */
function socketClient(path: string, { stream, terminals }: Desk): SocketClient | null {
  const session = Terminals.sessionIn(path);
  if (session !== null) return terminals.admit(session);
  if (path !== "/stream") return null;
  const client = stream.admit();
  if (!client) throw new DispatchError("limited", "too many clients follow the stream");
  return client;
}

function upgrade(request: Request, server: Server<SocketClient>, client: SocketClient): undefined {
  if (server.upgrade(request, { data: client })) return;
  client.closed();
  throw new DispatchError("invalid", `${new URL(request.url).pathname} speaks WebSocket`);
}

function listenerOf(server: Server<SocketClient>, port: number | null): Listener {
  return {
    port,
    async close() {
      const grace = setTimeout(() => void server.stop(true), STOP_GRACE_MS);
      await server.stop();
      clearTimeout(grace);
    },
  };
}
