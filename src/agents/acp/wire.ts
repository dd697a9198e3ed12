import type { AnyMessage, Stream } from "@agentclientprotocol/sdk";
import { LineReader } from "../../base/line-reader.ts";
import type { AgentProcess } from "../driver.ts";

const MAX_LINE_BYTES = 32 * 1024 * 1024;
/** Lines that are no message, before the first one that is: so much is not a banner, it is another program. */
const MAX_RUBBISH_AT_START = 1_000;
const MAX_RUBBISH_SHOWN = 200; // characters

/** What an agent wrote to its standard output that was no JSON-RPC message: how many lines, and how the first began. */
export interface Rubbish {
  readonly lines: number;
  readonly first: string;
}

/**
 * The messages of an agent process, one JSON document a line.
 *
 * Session updates are taken out here and each is awaited before the next line is read. This is what keeps them in
 * order, puts them before the answer to the prompt that they belong to, and stops the agent when nobody takes them:
 * the SDK reads without limit and runs handlers side by side.
 */
export class Wire {
  readonly stream: Stream;
  /** Resolves when nothing more is read: with null at the end of the output, else with why reading was given up. */
  readonly ended: Promise<string | null>;
  readonly #lines = new LineReader({ maxBytes: MAX_LINE_BYTES });
  readonly #onUpdate: (params: unknown) => Promise<void>;
  #heard = false;
  #rubbish: Rubbish = { lines: 0, first: "" };

  constructor(process: AgentProcess, onUpdate: (params: unknown) => Promise<void>) {
    this.#onUpdate = onUpdate;
    const ended = Promise.withResolvers<string | null>();
    this.ended = ended.promise;
    const messages = this.#messages(process.stdout);
    this.stream = {
      readable: new ReadableStream<AnyMessage>(
        {
          async pull(controller) {
            try {
              const next = await messages.next();
              if (!next.done) return controller.enqueue(next.value);
              ended.resolve(null);
              controller.close();
            } catch (error) {
              ended.resolve((error as Error).message);
              throw error;
            }
          },
          cancel: () => ended.resolve("the connection was closed"),
        },
        { highWaterMark: 0 },
      ),
      writable: new WritableStream<AnyMessage>({
        write: (message) => process.write(Buffer.from(`${JSON.stringify(message)}\n`)),
      }),
    };
  }

  /** True once the agent sent a message. */
  get heard(): boolean {
    return this.#heard;
  }

  get rubbish(): Rubbish {
    return this.#rubbish;
  }

  async *#messages(output: ReadableStream<Uint8Array>): AsyncGenerator<AnyMessage, void> {
    for await (const chunk of output) {
      for (const line of this.#lines.push(chunk)) {
        if (line.kind === "oversized")
          throw new Error(`the agent wrote a line of more than ${MAX_LINE_BYTES} bytes`);
        const message = this.#parse(line.text);
        if (message === null) continue;
        if ("method" in message && message.method === "session/update") await this.#onUpdate(message.params);
        else yield message;
      }
    }
  }

  #parse(line: string): AnyMessage | null {
    if (line.trim() === "") return null;
    const message = asMessage(line);
    if (message !== null) {
      this.#heard = true;
      return message;
    }
    const first = this.#rubbish.lines === 0 ? line.slice(0, MAX_RUBBISH_SHOWN) : this.#rubbish.first;
    this.#rubbish = { lines: this.#rubbish.lines + 1, first };
    if (!this.#heard && this.#rubbish.lines >= MAX_RUBBISH_AT_START) {
      throw new Error(`the agent speaks no ACP: ${first}`);
    }
    return null;
  }
}

function asMessage(line: string): AnyMessage | null {
  try {
    const value = JSON.parse(line) as unknown;
    const isMessage = typeof value === "object" && value !== null && "jsonrpc" in value;
    return isMessage ? (value as AnyMessage) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
