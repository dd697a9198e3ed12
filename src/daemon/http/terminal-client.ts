import type { ServerWebSocket } from "bun";
import { FromViewer } from "../../protocol/terminal.ts";
import { CLOSE, type SocketClient } from "./socket-client.ts";

/** Tries to reach a host that has just been started, and the pause before the second one, doubled before each further. */
const MAX_TRIES = 9;
const TRY_PAUSE_MS = 25;
/** What a viewer may say before its host is reached, in frames. */
const MAX_EARLY_FRAMES = 64;

export interface TerminalClientInput {
  /** The socket on which the host serves its terminal. */
  readonly path: string;
  /** Whether the session has an agent still. */
  isAlive(): boolean;
  left(client: TerminalClient): void;
}

/** One who watches a terminal, through the daemon: its frames go to the host as they are, and the host's come back. */
export class TerminalClient implements SocketClient {
  readonly #input: TerminalClientInput;
  #socket: ServerWebSocket<SocketClient> | null = null;
  #host: WebSocket | null = null;
  /** What came before the host was reached; null afterwards. */
  #early: (string | Buffer)[] | null = [];

  constructor(input: TerminalClientInput) {
    this.#input = input;
  }

  opened(socket: ServerWebSocket<SocketClient>): void {
    this.#socket = socket;
    void this.#reach();
  }

  received(message: string | Buffer): void {
    if (typeof message === "string" && !isFrame(message))
      return this.close(CLOSE.policy, "not a frame of this protocol");
    if (this.#early === null) return this.#host?.send(message);
    this.#early.push(message);
    if (this.#early.length > MAX_EARLY_FRAMES) this.close(CLOSE.policy, "its host does not answer yet");
  }

  /** What it has taken it says itself. */
  drained(): void {}

  closed(): void {
    this.#socket = null;
    this.#host?.close();
    this.#input.left(this);
  }

  /** Idempotent. */
  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  async #reach(): Promise<void> {
    for (let pause = TRY_PAUSE_MS, tries = 0; tries < MAX_TRIES && this.#socket; tries++, pause *= 2) {
      if (await this.#connect()) return;
      if (!this.#input.isAlive()) return this.close(CLOSE.failed, "its agent does not run any more");
      await Bun.sleep(pause);
    }
    this.close(CLOSE.failed, "its host does not answer");
  }

  /** False when no host listens. */
  #connect(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const host = new WebSocket(`ws+unix://${this.#input.path}:/`);
    host.binaryType = "nodebuffer";
    host.addEventListener("open", () => {
      this.#connected(host);
      resolve(true);
    });
    host.addEventListener("message", ({ data }) => this.#relay(data as string | Buffer));
    host.addEventListener("error", () => resolve(false));
    host.addEventListener("close", ({ code, reason }) => {
      resolve(false);
      if (this.#host === host)
        this.close(code === CLOSE.normal ? code : CLOSE.failed, reason || "its host is gone");
    });
    return promise;
  }

  #connected(host: WebSocket): void {
    if (!this.#socket) return host.close();
    this.#host = host;
    for (const message of this.#early ?? []) host.send(message);
    this.#early = null;
  }

  #relay(message: string | Buffer): void {
    if (typeof message === "string") this.#socket?.sendText(message);
    else this.#socket?.sendBinary(message);
  }
}

function isFrame(text: string): boolean {
  try {
    return FromViewer.safeParse(JSON.parse(text)).success;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
