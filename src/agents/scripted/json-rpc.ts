/** The other side of a connection, and what we answer it. */
export interface PeerOptions {
  /** Takes one line, with its line feed. Resolves when there is room for more. */
  send(line: string): Promise<void>;
  /** Answers a request; what it throws becomes the error. */
  answer?(method: string, params: unknown): Promise<unknown>;
  /** Hears a notification. */
  hear?(method: string, params: unknown): void;
}

/** An error that goes over the wire with its code (https://www.jsonrpc.org/specification#error_object). */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

interface Message {
  id?: number | string | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string };
}

/**
 * JSON-RPC 2.0 over lines, both ways at once. The scripted agent has its own instead of the SDK's, since hundreds of it
 * run at once and the SDK brings 12 MB of schemas; and a driver is better tested against another hand's wire.
 */
export class JsonRpcPeer {
  readonly #options: PeerOptions;
  readonly #waiting = new Map<number | string, PromiseWithResolvers<unknown>>();
  #nextId = 1;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  async request(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    await this.#send({ id, method, params });
    return answer.promise;
  }

  notify(method: string, params: unknown): Promise<void> {
    return this.#send({ method, params });
  }

  receive(line: string): void {
    if (line.trim() === "") return;
    const message = JSON.parse(line) as Message;
    if (message.method === undefined) this.#settle(message);
    else if (message.id === undefined) this.#options.hear?.(message.method, message.params);
    else void this.#answer(message.id, message.method, message.params);
  }

  /** No more answers will come. */
  close(reason: Error): void {
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #settle({ id, result, error }: Message): void {
    const answer = this.#waiting.get(id ?? "");
    this.#waiting.delete(id ?? "");
    if (error) answer?.reject(new RpcError(error.code, error.message));
    else answer?.resolve(result);
  }

  async #answer(id: Message["id"], method: string, params: unknown): Promise<void> {
    try {
      if (!this.#options.answer) throw new RpcError(METHOD_NOT_FOUND, `no method ${method}`);
      await this.#send({ id, result: (await this.#options.answer(method, params)) ?? {} });
    } catch (error) {
      const code = error instanceof RpcError ? error.code : INTERNAL_ERROR;
      await this.#send({ id, error: { code, message: (error as Error).message } });
    }
  }

  #send(message: object): Promise<void> {
    return this.#options.send(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }
}
