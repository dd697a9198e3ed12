import type { ServerWebSocket, WebSocketHandler } from "bun";
import { MAX_VIEWER_FRAME_BYTES } from "../../protocol/limit.ts";

/** The daemon's end of one WebSocket. */
export interface SocketClient {
  opened(socket: ServerWebSocket<SocketClient>): void;
  received(message: string | Buffer): void;
  /** The socket can take more. */
  drained(): void;
  closed(): void;
}

/** WebSocket close codes (RFC 6455, section 7.4.1). */
export const CLOSE = { normal: 1000, goingAway: 1001, policy: 1008, failed: 1011 } as const;

/** A client that answers no ping for this long is gone. Pings are sent in time by the server itself. */
const SILENCE_S = 60;
/** Where the socket itself gives a client up: far above what one page of the store, or one commit, puts on top of ours. */
const SOCKET_LIMIT_BYTES = 64 * 1024 * 1024;

/** What Bun.serve calls for each connection. */
export const SOCKET_HANDLER: WebSocketHandler<SocketClient> = {
  idleTimeout: SILENCE_S,
  sendPings: true,
  maxPayloadLength: MAX_VIEWER_FRAME_BYTES,
  backpressureLimit: SOCKET_LIMIT_BYTES,
  closeOnBackpressureLimit: true,
  open: (socket) => socket.data.opened(socket),
  message: (socket, message) => socket.data.received(message),
  drain: (socket) => socket.data.drained(),
  close: (socket) => socket.data.closed(),
};
