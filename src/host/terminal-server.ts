import { chmodSync, rmSync } from "node:fs";
import type { ServerWebSocket } from "bun";
import type { PseudoTerminal } from "../agents/terminal/pseudo-terminal.ts";
import type { Viewer } from "../agents/terminal/viewers.ts";
import { MAX_VIEWER_FRAME_BYTES } from "../protocol/limit.ts";
import type { FromViewer, ScreenText } from "../protocol/terminal.ts";

/** Where those who watch a terminal come in. */
export interface TerminalServer {
  /** Idempotent. */
  close(): void;
}

interface Watcher {
  viewer: Viewer | null;
}

/**
 * Serves a terminal on a socket of the session's folder, which only this user enters: `GET /screen[?history]`, and a WebSocket for
 * each viewer (protocol/terminal.ts). Whoever calls holds the lock of that folder.
 */
export function serveTerminal(path: string, terminal: PseudoTerminal): TerminalServer {
  rmSync(path, { force: true });
  const server = Bun.serve<Watcher>({
    unix: path,
    fetch(request, server) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/screen") return Response.json(screenOf(terminal, searchParams.has("history")));
      const isUpgraded = server.upgrade(request, { data: { viewer: null } });
      return isUpgraded ? undefined : new Response(null, { status: 400 });
    },
    websocket: {
      maxPayloadLength: MAX_VIEWER_FRAME_BYTES,
      idleTimeout: 0, // the daemon's end is on this machine: it is there, or the kernel says that it is gone
      message: (socket, message) => take(socket, message, terminal),
      close: (socket) => socket.data.viewer?.leave(),
    },
  });
  chmodSync(path, 0o600);
  return {
    close() {
      void server.stop(true);
      rmSync(path, { force: true });
    },
  };
}

/** Not parsed: what connects there is our own daemon, which did. */
function take(socket: ServerWebSocket<Watcher>, message: string | Buffer, terminal: PseudoTerminal): void {
  const { data } = socket;
  if (typeof message !== "string") return data.viewer?.type(message);
  const frame = JSON.parse(message) as FromViewer;
  switch (frame.type) {
    case "attach":
      data.viewer ??= terminal.watch(channelOf(socket), frame);
      if (data.viewer === null) socket.close(TOO_MANY, "too many watch this terminal already");
      return;
    case "resize":
      return data.viewer?.resize(frame.size);
    case "taken":
      return data.viewer?.taken(frame.bytes);
  }
}

/** WebSocket: try again later (https://www.iana.org/assignments/websocket). */
const TOO_MANY = 1013;

function channelOf(socket: ServerWebSocket<Watcher>) {
  return {
    show: (bytes: Uint8Array) => void socket.sendBinary(bytes),
    tell: (frame: object) => void socket.sendText(JSON.stringify(frame)),
  };
}

function screenOf(terminal: PseudoTerminal, history: boolean): ScreenText {
  const { lines, cursor, alternate } = terminal.screen();
  const above = history ? terminal.above() : { lines: [], left: 0 };
  return { size: terminal.size, above: above.lines, left: above.left, lines: [...lines], cursor, alternate };
}
