import { listenJson, type JsonServer, type JsonSocket, type JsonSocketEvents } from "../base/json-socket.ts";
import type { FromHost, ToHost } from "../protocol/host.ts";
import { MAX_AHEAD_RECORDS, MAX_UNACKNOWLEDGED_RECORDS } from "../protocol/limit.ts";
import { HOST_PROTOCOL } from "../protocol/version.ts";
import type { TranscriptRecord } from "../protocol/transcript.ts";

/** What the daemon says beside where it stands. */
export type DaemonMessage = Exclude<ToHost, { type: "hello" | "ack" }>;

export interface DaemonLinkInput {
  hello(): Extract<FromHost, { type: "hello" }>;
  lastSeq(): number;
  /** The records after a number, from disk. */
  read(after: number): Iterable<TranscriptRecord>;
  /** The daemon has everything up to this number. */
  acknowledged(seq: number): void;
  /** `compatible`: the daemon speaks our version of the protocol. */
  told(message: DaemonMessage, options: { compatible: boolean }): void;
  /** A daemon came, or the one there was is gone. */
  changed(): void;
}

/** The one connection that counts, once its daemon has said where it stands. */
interface Reader {
  readonly socket: JsonSocket;
  readonly compatible: boolean;
  /** The last record that was sent on it. */
  sent: number;
  /** The last record that its daemon has. */
  acknowledged: number;
  /** True while records are being read from disk for it. */
  catchingUp: boolean;
}

/** The host's end of its connection to the daemon: one at a time, a newer one replaces the older. */
export class DaemonLink {
  readonly #input: DaemonLinkInput;
  #server: JsonServer | null = null;
  #reader: Reader | null = null;
  #abreast: PromiseWithResolvers<void> | null = null;

  constructor(input: DaemonLinkInput) {
    this.#input = input;
  }

  get connected(): boolean {
    return this.#reader !== null;
  }

  /** Records that the daemon has not acknowledged; without one nobody is behind: the log keeps them. */
  get ahead(): number {
    return this.#reader === null ? 0 : this.#input.lastSeq() - this.#reader.acknowledged;
  }

  /** Resolves when a daemon that takes longer than the agent has come near, or is gone. */
  async abreast(): Promise<void> {
    if (this.ahead < MAX_AHEAD_RECORDS) return;
    this.#abreast ??= Promise.withResolvers();
    await this.#abreast.promise;
  }

  async listen(path: string): Promise<void> {
    this.#server = await listenJson(path, (socket) => this.#accept(socket));
  }

  /** Sends a record that was just written: at once to a daemon that is abreast of the log. */
  wrote(record: TranscriptRecord): void {
    const reader = this.#reader;
    if (reader === null || reader.catchingUp) return;
    if (record.seq !== reader.sent + 1 || !hasWindow(reader)) return void this.#catchUp(reader);
    if (!this.#send(reader, record)) void this.#catchUp(reader);
  }

  /** Says something that is not in the log; nothing where nobody hears it. */
  say(frame: Extract<FromHost, { type: "vitals" }>): void {
    this.#reader?.socket.send(frame);
  }

  close(): void {
    this.#server?.close();
  }

  #accept(socket: JsonSocket): JsonSocketEvents {
    socket.send(this.#input.hello());
    return {
      onMessage: (message) => this.#receive(socket, message),
      onClose: () => {
        if (this.#reader?.socket !== socket) return;
        this.#reader = null;
        this.#cameNear();
        this.#input.changed();
      },
    };
  }

  #receive(socket: JsonSocket, message: unknown): void {
    // Not parsed: only this user can reach the socket, and what connects there is this very program, which made the
    // message by its type. The schemas would be half of what a host weighs.
    const told = message as ToHost;
    if (told.type === "hello") this.#greet(socket, told);
    else if (this.#reader?.socket !== socket) socket.close();
    else if (told.type === "ack") this.#acknowledge(this.#reader, told.seq);
    else this.#input.told(told, { compatible: this.#reader.compatible });
  }

  #greet(socket: JsonSocket, { protocol, after }: Extract<ToHost, { type: "hello" }>): void {
    // A daemon speaks its own version and the one before it.
    const compatible = protocol === HOST_PROTOCOL || protocol === HOST_PROTOCOL + 1;
    this.#input.acknowledged(after);
    const older = this.#reader?.socket;
    this.#reader = { socket, compatible, sent: after, acknowledged: after, catchingUp: false };
    if (older !== socket) older?.close();
    this.#cameNear();
    this.#input.changed();
    void this.#catchUp(this.#reader);
  }

  #acknowledge(reader: Reader, seq: number): void {
    reader.acknowledged = Math.max(reader.acknowledged, seq);
    this.#cameNear();
    this.#input.acknowledged(seq);
    void this.#catchUp(reader);
  }

  #cameNear(): void {
    if (this.ahead >= MAX_AHEAD_RECORDS) return;
    this.#abreast?.resolve();
    this.#abreast = null;
  }

  /** Sends what is on disk, as far as the daemon's acknowledgements and its reading allow. */
  async #catchUp(reader: Reader): Promise<void> {
    if (reader.catchingUp) return;
    reader.catchingUp = true;
    await isDrained(reader.socket);
    while (this.#reader === reader && reader.sent < this.#input.lastSeq() && hasWindow(reader)) {
      await this.#sendBatch(reader);
    }
    reader.catchingUp = false; // in the same moment as the look at `lastSeq`: no record is written in between
  }

  async #sendBatch(reader: Reader): Promise<void> {
    const through = this.#input.lastSeq();
    for (const record of this.#input.read(reader.sent)) {
      if (this.#reader !== reader || !hasWindow(reader)) return;
      if (!this.#send(reader, record)) await isDrained(reader.socket);
    }
    reader.sent = Math.max(reader.sent, through); // numbers that were left out when a log was lost have no record
  }

  #send(reader: Reader, record: TranscriptRecord): boolean {
    reader.sent = record.seq;
    return reader.socket.send({ type: "record", record } satisfies FromHost);
  }
}

function hasWindow(reader: Reader): boolean {
  return reader.sent - reader.acknowledged < MAX_UNACKNOWLEDGED_RECORDS;
}

/** Waits for the reader; a connection that is closed meanwhile is told by its `onClose`. */
async function isDrained(socket: JsonSocket): Promise<void> {
  await socket.drained().catch(() => null);
}
