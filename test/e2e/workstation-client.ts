import { lstatSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";

/** Where Workstation's program looks when no file names a socket. */
const DEFAULT_SOCKET = "/tmp/varie-workstation.sock";
/** How long it waits for an answer, by the type of the request. */
const TIMEOUT_MS: Record<string, number> = { dispatch: 10_000, route: 60_000, discover_projects: 10_000 };
const USUAL_TIMEOUT_MS = 5_000;

/** What Workstation's program printed, and its exit code. */
export interface Printed {
  code: number;
  stdout: string;
}

/** The file by which Workstation's programs find a socket. */
export function discoveryOf(home: string): string {
  return join(home, ".varie-workstation", "daemon.json");
}

/** The socket that Workstation's scripts find: they look for a word in the file, and read no JSON. */
export function socketOf(home: string): string {
  try {
    return (
      /"socketPath"\s*:\s*"([^"]*)"/.exec(readFileSync(discoveryOf(home), "utf8"))?.[1] ?? DEFAULT_SOCKET
    );
  } catch {
    return DEFAULT_SOCKET;
  }
}

/** What Workstation's program does with one request: a line there, the first line back, printed as it came. */
export async function ask(
  home: string,
  type: string,
  payload?: object,
  { sessionId = `orchestrator-${Date.now()}` }: { sessionId?: string } = {},
): Promise<Printed> {
  const path = socketOf(home);
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket())
    return broken("Workstation daemon not running");
  const said = Promise.withResolvers<Printed>();
  const socket = connect(path, () => {
    const request = { type, sessionId, timestamp: Date.now(), ...(payload ? { payload } : {}) };
    socket.write(`${JSON.stringify(request)}\n`);
  });
  let answer = "";
  socket.setTimeout(TIMEOUT_MS[type] ?? USUAL_TIMEOUT_MS, () =>
    said.resolve(broken("Timeout waiting for response")),
  );
  socket.on("data", (chunk) => {
    answer += String(chunk);
    const end = answer.indexOf("\n");
    if (end !== -1) said.resolve({ code: 0, stdout: answer.slice(0, end).trim() });
  });
  socket.on("error", ({ message }) => said.resolve(broken(message)));
  socket.on("close", () => said.resolve(broken("Connection closed without response")));
  return said.promise.finally(() => socket.destroy());
}

/** A reply's fields, which are only looked into by tests. */
export interface Reply {
  status: "ok" | "error";
  received?: string;
  message?: string;
  reason?: string;
  targetSessionId?: string;
  newSessionId?: string;
  confirmBeforeSend?: boolean;
  messageId?: string;
  receipt?: { state: string };
  autoCreated?: boolean;
  enabled?: boolean;
  suggestions?: string[];
  discovered?: object[];
  total?: number;
  newCount?: number;
  customPath?: string;
  workers?: Worker[];
  sessions?: Worker[];
}

export interface Worker {
  sessionId: string;
  repo: string;
  repoPath: string;
  taskId?: string;
  type: string;
  isExternal: boolean;
  lastActive: string;
  workContext?: object;
}

/** The same, read. */
export async function reply(
  home: string,
  type: string,
  payload?: object,
  options?: { sessionId?: string },
): Promise<Reply> {
  const { code, stdout } = await ask(home, type, payload, options);
  if (code !== 0) throw new Error(stdout);
  return JSON.parse(stdout) as Reply;
}

/** A connection that says what a test wants, bytes that no program would send too. */
export class Line implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #ended = Promise.withResolvers<void>();
  #heard = "";
  #changed = Promise.withResolvers<void>();
  #isOver = false;

  constructor(home: string, { reads = true } = {}) {
    this.#socket = connect(socketOf(home));
    if (reads)
      this.#socket.on("data", (chunk) => {
        this.#heard += String(chunk);
        this.#wake();
      });
    this.#socket.on("error", () => this.#socket.destroy());
    this.#socket.on("close", () => {
      this.#isOver = true;
      this.#wake();
      this.#ended.resolve();
    });
  }

  say(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says no more; what comes is still heard. */
  end(): void {
    this.#socket.end();
  }

  /** So many lines of what is answered; fewer where the connection ends before. */
  async lines(count: number): Promise<Reply[]> {
    while (!this.#isOver && this.#heard.split("\n").length <= count) await this.#changed.promise;
    return this.#heard
      .split("\n")
      .slice(0, -1)
      .slice(0, count)
      .map((line) => JSON.parse(line) as Reply);
  }

  /** When the other side ends it. */
  ended(): Promise<void> {
    return this.#ended.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#ended.promise;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function broken(message: string): Printed {
  return { code: 1, stdout: JSON.stringify({ status: "error", message }) };
}
