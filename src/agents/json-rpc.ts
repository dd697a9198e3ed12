import { LineReader } from "../base/line-reader.ts";

/** One message as a line, in bytes. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;
/** Requests that wait for their answer at a time, in each direction. */
const MAX_WAITING = 1_000;

// https://www.jsonrpc.org/specification#error_object
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** Takes a request back, by `requestId` (https://agentclientprotocol.com/protocol/v1/cancellation). */
const CANCEL = "$/cancel_request";

/** How a peer reaches the other side, and what it makes of what comes from there. */
export interface PeerOptions {
  /** Takes one line, with its line feed. Resolves when there is room for more; rejects when the other side is gone. */
  send(line: string): Promise<void>;
  /**
   * Answers a request; what it throws becomes the error. Requests are answered side by side.
   * @param signal the other side took its request back, or is gone
   */
  answer?(method: string, params: unknown, signal: AbortSignal): Promise<unknown>;
  /** Hears a notification. Nothing more is read until it has: that keeps them in order, and slows their sender. */
  hear?(method: string, params: unknown): Promise<void> | void;
  /** Hears a line that is no message; such lines are passed over. */
  rubbish?(line: string): void;
}

/** An error that goes over the wire. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** What came: known to be a JSON object that says it is JSON-RPC, and no more than that. */
interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** JSON-RPC 2.0, one document a line, both ways at once. */
export class JsonRpcPeer {
  readonly #options: PeerOptions;
  readonly #asked = new Map<unknown, PromiseWithResolvers<unknown>>();
  readonly #answering = new Map<unknown, AbortController>();
  #lastId = 0;
  #heard = false;
  #closed: Error | null = null;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  /** True once a message came. */
  get heard(): boolean {
    return this.#heard;
  }

  /**
   * Asks the other side.
   * @throws RpcError when it answers with an error; any other error when it is not there to answer
   */
  async request(method: string, params: unknown): Promise<unknown> {
    if (this.#closed !== null) throw this.#closed;
    if (this.#asked.size >= MAX_WAITING)
      throw new Error(`${MAX_WAITING} requests wait for an answer already`);
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#asked.set(id, answer);
    this.#send({ id, method, params }).catch((error: unknown) => {
      this.#asked.delete(id);
      answer.reject(error);
    });
    return answer.promise;
  }

  notify(method: string, params: unknown): Promise<void> {
    return this.#send({ method, params });
  }

  /**
   * Takes what the other side writes, until its end or until `close`.
   * @throws Error over a line that is too long, and what `hear` and `rubbish` throw
   */
  async read(output: AsyncIterable<Uint8Array>): Promise<void> {
    const lines = new LineReader({ maxBytes: MAX_LINE_BYTES });
    for await (const chunk of output) {
      for (const line of lines.push(chunk)) {
        if (this.#closed !== null) return;
        if (line.kind === "oversized")
          throw new Error(`it wrote a line of more than ${MAX_LINE_BYTES} bytes`);
        await this.#take(line.text);
      }
    }
  }

  /** Nothing is asked or answered any more: what waits for an answer is rejected. Calling it again does nothing. */
  close(reason: Error): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    for (const { reject } of this.#asked.values()) reject(reason);
    for (const request of this.#answering.values()) request.abort(reason);
    this.#asked.clear();
  }

  #take(line: string): Promise<void> | void {
    if (line.trim() === "") return;
    const message = messageIn(line);
    if (message === null) return this.#options.rubbish?.(line);
    this.#heard = true;
    const { id, method, params } = message;
    if (typeof method !== "string") this.#settle(message);
    else if (id !== undefined) void this.#answer(id, method, params);
    else if (method === CANCEL)
      this.#answering.get((params as { requestId?: unknown } | null)?.requestId)?.abort();
    else return this.#options.hear?.(method, params);
  }

  #settle({ id, result, error }: Message): void {
    const answer = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) answer?.reject(errorIn(error));
    else answer?.resolve(result);
  }

  async #answer(id: unknown, method: string, params: unknown): Promise<void> {
    const reply = await this.#reply(id, method, params);
    await this.#send({ id, ...reply }).catch(() => undefined); // it is gone, which the end of its output tells
  }

  async #reply(
    id: unknown,
    method: string,
    params: unknown,
  ): Promise<{ result: unknown } | { error: object }> {
    if (this.#answering.size >= MAX_WAITING)
      return { error: { code: INTERNAL_ERROR, message: "too many requests" } };
    const request = new AbortController();
    this.#answering.set(id, request);
    try {
      if (!this.#options.answer) throw new RpcError(METHOD_NOT_FOUND, `no method ${method}`);
      return { result: (await this.#options.answer(method, params, request.signal)) ?? {} };
    } catch (error) {
      const { code, data } = error instanceof RpcError ? error : { code: INTERNAL_ERROR, data: undefined };
      return { error: { code, message: (error as Error).message, data } };
    } finally {
      this.#answering.delete(id);
    }
  }

  async #send(message: object): Promise<void> {
    await this.#options.send(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }
}

function messageIn(line: string): Message | null {
  try {
    const value = JSON.parse(line) as unknown;
    return isMessage(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "jsonrpc" in value;
}

/** An answer that is an error is one also where it does not have the shape of one. */
function errorIn(error: unknown): RpcError {
  const { code, message, data } = Object(error) as { code?: unknown; message?: unknown; data?: unknown };
  const text = typeof message === "string" ? message : JSON.stringify(error);
  return new RpcError(typeof code === "number" ? code : INTERNAL_ERROR, text, data);
}
