import { chmodSync, lstatSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Socket, SocketHandler } from "bun";
import { DispatchError } from "./error.ts";
import { LineReader, type Line } from "./line-reader.ts";

/** Why a connection ended: by this side, by the other, by a rule that the other broke, or by a throw of `onMessage`. */
export type CloseReason = "closed" | "ended" | "overflow" | "oversized" | "malformed" | "failed";

export interface JsonSocketEvents {
  /**
   * One message, in order. It is whatever JSON the other side sent: parse it. A throw is a defect and stays uncaught;
   * it ends the connection, since what came with that message can no more be delivered.
   */
  onMessage(message: unknown): void;
  /** Once, whoever closed it. */
  onClose(reason: CloseReason): void;
}

/** One connection that carries a JSON document a line in both directions. */
export interface JsonSocket {
  /**
   * Sends a message, with all others of this turn of the event loop, or queues it while the other side does not read.
   * Over MAX_QUEUE_BYTES the connection ends with "overflow": nothing is skipped silently.
   * @returns true to go on; false to await `drained()` before the next one, also when it is closed
   * @throws DispatchError `too_large` over MAX_MESSAGE_BYTES
   */
  send(message: unknown): boolean;
  /** Resolves once nothing is queued. Rejects with `unavailable` when the connection is closed. */
  drained(): Promise<void>;
  /** Ends the connection; what the other side has no room for is dropped. Calling it again does nothing. */
  close(): void;
}

export interface JsonServer {
  /** Stops listening, closes every connection and removes the socket file. Calling it again does nothing. */
  close(): void;
}

/** One message as a line. Above the largest record of a session log. */
export const MAX_MESSAGE_BYTES = 20 * 1024 * 1024;
/** What may wait for a reader; one message more may exceed it. */
export const MAX_QUEUE_BYTES = 8 * 1024 * 1024;
/** So much is written without waiting for the end of the turn. */
const MAX_CORKED_BYTES = 64 * 1024;
/** `sun_path` of macOS is 104 bytes with its NUL; Linux has 108. The lower one, so that a home can move. */
export const MAX_SOCKET_PATH_BYTES = 103;

/**
 * Listens on a unix socket that only this user can reach: the file is 0600, its folder 0700 (created when missing).
 * A file that a killed process left is replaced; the caller holds the lock that makes this process the only listener.
 * @param accept called for each connection, before its first message
 * @throws DispatchError `invalid` when the path is too long; `refused` when others may enter the folder;
 *   `conflict` when somebody listens there or the path is another kind of file
 */
export async function listenJson(
  path: string,
  accept: (socket: JsonSocket) => JsonSocketEvents,
): Promise<JsonServer> {
  checkLength(path);
  preparePrivateFolder(dirname(path));
  await removeStale(path);
  const connections = new Set<Connection>();
  const listener = Bun.listen({
    unix: path,
    socket: handlers((connection) => {
      connections.add(connection);
      const events = accept(connection);
      return {
        onMessage: (message) => events.onMessage(message),
        onClose(reason) {
          connections.delete(connection);
          events.onClose(reason);
        },
      };
    }),
  });
  chmodSync(path, 0o600);
  let open = true;
  return {
    close() {
      if (!open) return;
      open = false;
      listener.stop();
      for (const connection of connections) connection.close();
      rmSync(path, { force: true });
    },
  };
}

/**
 * Connects to a unix socket.
 * @throws DispatchError `unavailable` when nobody listens; `invalid` when the path is too long
 */
export async function connectJson(
  path: string,
  accept: (socket: JsonSocket) => JsonSocketEvents,
): Promise<JsonSocket> {
  checkLength(path);
  try {
    const raw = await Bun.connect({ unix: path, socket: handlers(accept) });
    return raw.data;
  } catch (error) {
    throw new DispatchError("unavailable", `nobody answers on ${path}`, { cause: error });
  }
}

function handlers(accept: (connection: Connection) => JsonSocketEvents): SocketHandler<Connection> {
  return {
    open(raw) {
      raw.data = new Connection(raw, accept);
    },
    data: (raw, chunk) => raw.data.receive(chunk),
    drain: (raw) => raw.data.flush(),
    close: (raw) => raw.data.end("ended"),
  };
}

class Connection implements JsonSocket {
  readonly #raw: Socket<Connection>;
  readonly #events: JsonSocketEvents;
  readonly #reader = new LineReader({ maxBytes: MAX_MESSAGE_BYTES });
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  /** True while the other side does not read. */
  #blocked = false;
  #flushing: ReturnType<typeof setImmediate> | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  #reason: CloseReason | undefined;

  constructor(raw: Socket<Connection>, accept: (connection: Connection) => JsonSocketEvents) {
    this.#raw = raw;
    this.#events = accept(this);
  }

  send(message: unknown): boolean {
    const line = Buffer.from(`${JSON.stringify(message)}\n`);
    if (line.length > MAX_MESSAGE_BYTES) {
      throw new DispatchError("too_large", `a message of ${line.length} bytes is over ${MAX_MESSAGE_BYTES}`);
    }
    if (this.#reason === undefined && this.#queuedBytes > MAX_QUEUE_BYTES) this.end("overflow");
    if (this.#reason !== undefined) return false;
    this.#queue.push(line);
    this.#queuedBytes += line.length;
    if (this.#blocked) return false;
    if (this.#queuedBytes >= MAX_CORKED_BYTES) this.flush();
    else this.#flushing ??= setImmediate(() => this.flush());
    return !this.#blocked;
  }

  drained(): Promise<void> {
    if (this.#reason !== undefined) return Promise.reject(closedBy(this.#reason));
    if (this.#queuedBytes === 0) return Promise.resolve();
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  close(): void {
    this.end("closed");
  }

  receive(chunk: Uint8Array): void {
    for (const line of this.#reader.push(chunk)) {
      if (this.#reason !== undefined) return;
      const parsed = parse(line);
      if (typeof parsed === "string") this.end(parsed);
      else this.#deliver(parsed.message);
    }
  }

  #deliver(message: unknown): void {
    try {
      this.#events.onMessage(message);
    } catch (error) {
      this.end("failed");
      throw error;
    }
  }

  /** Writes what is queued, as far as the other side reads. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#queuedBytes > 0) {
      const bytes = Buffer.concat(this.#queue);
      const written = Math.max(0, this.#raw.write(bytes)); // -1: the other side is gone, and `close` follows
      this.#queuedBytes -= written;
      this.#queue = this.#queuedBytes > 0 ? [bytes.subarray(written)] : [];
    }
    this.#blocked = this.#queuedBytes > 0;
    if (this.#blocked) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  end(reason: CloseReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    if (reason === "closed" && !this.#blocked) this.flush();
    clearImmediate(this.#flushing);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#raw.end();
    this.#drained?.reject(closedBy(reason));
    this.#events.onClose(reason);
  }
}

function parse(line: Line): { message: unknown } | "oversized" | "malformed" {
  if (line.kind === "oversized") return "oversized";
  try {
    return { message: JSON.parse(line.text) };
  } catch (error) {
    if (error instanceof SyntaxError) return "malformed";
    throw error;
  }
}

function closedBy(reason: CloseReason): DispatchError {
  return new DispatchError("unavailable", `the connection is closed (${reason})`);
}

function checkLength(path: string): void {
  const length = Buffer.byteLength(path);
  if (length <= MAX_SOCKET_PATH_BYTES) return;
  throw new DispatchError(
    "invalid",
    `${path} is too long for a socket: ${length} bytes, at most ${MAX_SOCKET_PATH_BYTES}`,
    {
      hint: "set DISPATCH_HOME to a shorter path",
    },
  );
}

function preparePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if ((statSync(folder).mode & 0o077) === 0) return;
  throw new DispatchError("refused", `other users may enter ${folder}`, { hint: `chmod 700 ${folder}` });
}

/** A killed process leaves its socket file, and listening does not replace it: nobody answers on a stale one. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new DispatchError("conflict", `${path} exists and is not a socket`);
  if (await isAnswered(path)) throw new DispatchError("conflict", `another process listens on ${path}`);
  rmSync(path, { force: true });
}

async function isAnswered(path: string): Promise<boolean> {
  try {
    const raw = await Bun.connect({ unix: path, socket: { data() {} } });
    raw.end();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED" || code === "ENOENT") return false;
    throw error;
  }
}
