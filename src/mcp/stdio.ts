import {
  deserializeMessage,
  type JSONRPCMessage,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import { type Line, LineReader } from "../base/line-reader.ts";

/** The longest message that is read; a longer one is skipped. A prompt at its limit takes a fraction of it. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/**
 * MCP on standard input and output, one message a line. Not the SDK's own, which loads node's streams: they take as
 * long to load as the rest of our program, and a host waits for its servers.
 */
export class StdioTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  readonly #output = Bun.stdout.writer();
  readonly #ended = Promise.withResolvers<void>();

  /** Resolves when input ends: the client is gone. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async start(): Promise<void> {
    void this.#read().finally(() => void this.close());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    await this.#output.write(serializeMessage(message));
    await this.#output.flush();
  }

  async close(): Promise<void> {
    const { onclose } = this;
    this.onclose = undefined;
    onclose?.();
    this.#ended.resolve();
  }

  async #read(): Promise<void> {
    const lines = new LineReader({ maxBytes: MAX_MESSAGE_BYTES });
    for await (const chunk of Bun.stdin.stream()) for (const line of lines.push(chunk)) this.#take(line);
  }

  /** What is no message is passed over, as the protocol has it: nobody can be told of it. */
  #take(line: Line): void {
    try {
      if (line.kind === "oversized") throw new RangeError(`a message of over ${MAX_MESSAGE_BYTES} bytes`);
      this.onmessage?.(deserializeMessage(line.text));
    } catch (error) {
      this.onerror?.(error as Error);
    }
  }
}
