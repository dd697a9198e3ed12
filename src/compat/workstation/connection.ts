import type { Socket } from "node:net";
import { DispatchError } from "../../base/error.ts";
import { LineReader, type Line } from "../../base/line-reader.ts";
import { commandOf } from "./commands.ts";
import { hear } from "./events.ts";
import { peerProcess } from "./peer-process.ts";
import { type Desk, failed, type Reply, Told } from "./wire.ts";

/** One line: a message of the largest size, escaped. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** A connection on which nothing is said for this long is closed. */
const SILENCE_MS = 10 * 60 * 1_000;
/** What a client that was answered for the last time gets to hang up. */
const LINGER_MS = 5_000;

/** `ends`: the connection is over with it. */
interface Answer {
  readonly reply: Reply;
  readonly ends: boolean;
}

export interface ConnectionOptions extends Desk {
  /** Gets what nobody was told. */
  readonly report: (error: unknown) => void;
}

/**
 * One of Workstation's clients. Its lines are answered in their order, one at a time, and no more are read meanwhile:
 * a connection holds no more than what came at once.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader = new LineReader({ maxBytes: MAX_LINE_BYTES });
  readonly #leaving = Promise.withResolvers<void>();
  #work: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy()); // a client that hangs up early is no fault
    socket.on("data", (chunk: Buffer) => this.#take(this.#reader.push(chunk), { isLast: false }));
    socket.on("end", () => this.#take(this.#reader.end(), { isLast: true }));
  }

  /** Says why nothing of it is taken, and ends it. */
  refuse(why: Reply): void {
    this.#socket.write(lineOf(why));
    this.#end();
  }

  /** Ends it once what it had said is answered; one that does not read is not waited for. Idempotent. */
  async close(): Promise<void> {
    this.#leaving.resolve();
    this.#socket.pause();
    await this.#work;
    this.#end();
  }

  #take(lines: Line[], { isLast }: { isLast: boolean }): void {
    if (this.#isOver) return;
    this.#socket.pause();
    this.#work = this.#work.then(() => this.#answerAll(lines, isLast)).catch(this.#options.report);
  }

  async #answerAll(lines: Line[], isLast: boolean): Promise<void> {
    let isOver = isLast;
    for (const line of lines) {
      const { reply, ends } = await this.#answer(line);
      isOver ||= ends;
      await this.#send(reply);
    }
    if (isOver) this.#end();
    else this.#socket.resume();
  }

  /** What is still said is dropped: a socket that is closed with something unread in it takes the answer along. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.resume();
    this.#socket.end();
    const late = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once("close", () => clearTimeout(late));
  }

  async #answer(line: Line): Promise<Answer> {
    if (line.kind === "oversized") return { reply: failed("Message too large"), ends: false };
    const json = parse(line.text);
    if (json === undefined) return { reply: failed("Invalid JSON"), ends: false };
    const { success, data } = Told.safeParse(json);
    if (!success) return { reply: failed("Missing or invalid type"), ends: false };
    const command = commandOf(data.type);
    const reply = command
      ? this.#guarded(command(this.#options, data))
      : this.#guarded(hear(this.#options, data, () => peerProcess(this.#socket)));
    return { reply: await reply, ends: command !== undefined };
  }

  async #guarded(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply;
    } catch (error) {
      if (error instanceof DispatchError) return failed(error.message);
      this.#options.report(error);
      return failed("Internal error");
    }
  }

  async #send(reply: Reply): Promise<void> {
    if (this.#socket.destroyed || this.#socket.write(lineOf(reply))) return;
    const drained = Promise.withResolvers<void>();
    for (const event of ["drain", "close"]) this.#socket.once(event, () => drained.resolve());
    await Promise.race([drained.promise, this.#leaving.promise]);
  }
}

function lineOf(reply: Reply): string {
  return `${JSON.stringify(reply)}\n`;
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
