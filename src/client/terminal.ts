import { DispatchError } from "../base/error.ts";
import { MAX_VIEWER_FRAME_BYTES } from "../protocol/limit.ts";
import type { FromViewer, TerminalSize, ToViewer } from "../protocol/terminal.ts";

/** How a visit to a terminal ended: one left, its program ended, or there is nothing more to see, or never was. */
export type VisitEnd =
  | { end: "left" }
  | { end: "exited"; exitCode: number | null }
  | { end: "gone"; reason: string; wasSeen: boolean };

export interface VisitOptions {
  /** The daemon's socket. */
  readonly socket: string;
  readonly session: string;
  readonly size: TerminalSize;
  /** Shows what the terminal puts out; the next comes when it did, or a while before. */
  show(bytes: Uint8Array): Promise<void>;
  /** Whether the session has an agent still; brings back a daemon that went away. */
  isAlive(): Promise<boolean>;
}

/** What is typed while the daemon is away, in bytes. */
const MAX_UNSENT_BYTES = 64 * 1024;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;
/** Attempts in a row without an answer, before the visit ends. */
const MAX_SILENT_ATTEMPTS = 20;
/** WebSocket close codes by which the daemon says that there is nothing to come back for. */
const OVER = new Set([1008, 1011, 1013]);

/** A visit to the terminal of a session, which goes on over restarts of the daemon: then the screen is drawn anew. */
export class TerminalVisit {
  readonly #options: VisitOptions;
  #size: TerminalSize;
  #socket: WebSocket | null = null;
  #unsent: Uint8Array[] = [];
  #history = true;
  #silent = 0;
  readonly #left = Promise.withResolvers<VisitEnd>();

  constructor(options: VisitOptions) {
    this.#options = options;
    this.#size = options.size;
  }

  /**
   * Shows the terminal until the visit is over.
   * @throws DispatchError `unavailable` when no daemon comes back, and what `isAlive` throws
   */
  async last(): Promise<VisitEnd> {
    for (;;) {
      const end = await Promise.race([this.#connect(), this.#left.promise]);
      if (end !== null) return end;
      if (!(await this.#options.isAlive())) return this.#gone("its agent does not run any more");
      if (++this.#silent > MAX_SILENT_ATTEMPTS)
        throw new DispatchError("unavailable", "the daemon went away and did not come back", {
          hint: "dispatch daemon start",
        });
      await Bun.sleep(Math.min(FIRST_RETRY_MS * 2 ** this.#silent, LONGEST_RETRY_MS));
    }
  }

  type(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MAX_VIEWER_FRAME_BYTES) {
      const part = bytes.slice(at, at + MAX_VIEWER_FRAME_BYTES);
      if (this.#socket) this.#socket.send(part);
      else if (this.#unsent.reduce((sum, { length }) => sum + length, part.length) <= MAX_UNSENT_BYTES)
        this.#unsent.push(part);
    }
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    this.#tell({ type: "resize", size });
  }

  /** Idempotent. */
  leave(): void {
    this.#left.resolve({ end: "left" });
    this.#socket?.close();
  }

  /** One connection, to its end; null: it was lost. */
  #connect(): Promise<VisitEnd | null> {
    const { socket: path, session } = this.#options;
    const over = Promise.withResolvers<VisitEnd | null>();
    const socket = new WebSocket(`ws+unix://${path}:/sessions/${encodeURIComponent(session)}/terminal`);
    socket.binaryType = "nodebuffer";
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", ({ data }) => {
      this.#silent = 0;
      const end = this.#take(data as string | Buffer);
      if (end) over.resolve(end);
    });
    socket.addEventListener("error", () => over.resolve(null));
    socket.addEventListener("close", ({ code, reason }) => {
      if (this.#socket === socket) this.#socket = null;
      over.resolve(OVER.has(code) ? this.#gone(reason) : null);
    });
    return over.promise;
  }

  #opened(socket: WebSocket): void {
    this.#socket = socket;
    this.#tell({ type: "attach", size: this.#size, history: this.#history });
    for (const bytes of this.#unsent) socket.send(bytes);
    this.#unsent = [];
  }

  #gone(reason: string): VisitEnd {
    return { end: "gone", reason, wasSeen: !this.#history };
  }

  #take(data: string | Buffer): VisitEnd | null {
    if (typeof data !== "string") {
      this.#history = false; // what is above the screen is shown once
      void this.#show(data);
      return null;
    }
    const frame = JSON.parse(data) as ToViewer;
    return frame.type === "exit" ? { end: "exited", exitCode: frame.exitCode } : null;
  }

  async #show(bytes: Buffer): Promise<void> {
    const socket = this.#socket;
    await this.#options.show(bytes);
    if (this.#socket === socket) this.#tell({ type: "taken", bytes: bytes.length });
  }

  #tell(frame: FromViewer): void {
    this.#socket?.send(JSON.stringify(frame));
  }
}
