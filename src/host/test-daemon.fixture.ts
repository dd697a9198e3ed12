import { connectJson, type JsonSocket } from "../base/json-socket.ts";
import { newId } from "../base/id.ts";
import type { FromHost, HostOrder, Launch, ToHost } from "../protocol/host.ts";
import { HOST_PROTOCOL } from "../protocol/version.ts";
import type { CommandId, SessionId } from "../protocol/id.ts";
import type { TranscriptEvent, TranscriptRecord } from "../protocol/transcript.ts";
import type { Vitals } from "../protocol/vitals.ts";
import { sessionFolder } from "./session-folder.ts";

type Hello = Extract<FromHost, { type: "hello" }>;
type Type = TranscriptEvent["type"];
type EventOf<Name extends Type> = Extract<TranscriptEvent, { type: Name }>;

/** A daemon as a host sees it: it keeps the records it was sent and acknowledges them, unless it is told not to. */
export class TestDaemon {
  readonly records: TranscriptRecord[];
  readonly vitals: Vitals[] = [];
  readonly #waiters = new Set<() => void>();
  hello: Hello | null = null;
  closed = false;
  #socket: JsonSocket | null = null;
  #acknowledges: boolean;

  private constructor(records: TranscriptRecord[], acknowledges: boolean) {
    this.records = records;
    this.#acknowledges = acknowledges;
  }

  static async connect(
    home: string,
    session: SessionId,
    {
      records = [] as TranscriptRecord[],
      acknowledges = true,
      after = records.at(-1)?.seq ?? 0,
      protocol = HOST_PROTOCOL,
    } = {},
  ): Promise<TestDaemon> {
    const daemon = new TestDaemon([...records], acknowledges);
    daemon.#socket = await connectJson(sessionFolder(home, session).socket, () => ({
      onMessage: (message) => daemon.#receive(message as FromHost),
      onClose: () => {
        daemon.closed = true;
        daemon.#wake();
      },
    }));
    daemon.send({ type: "hello", protocol, after });
    await daemon.until(() => daemon.hello);
    return daemon;
  }

  send(message: ToHost): void {
    this.#socket?.send(message);
  }

  start(epoch: number, launch: Launch): void {
    this.send({ type: "start", epoch, launch });
  }

  order(order: HostOrder, id: CommandId = newId("cmd")): CommandId {
    this.send({ type: "command", command: { id, order } });
    return id;
  }

  events<Name extends Type>(name: Name): EventOf<Name>[] {
    return this.records
      .map(({ event }) => event)
      .filter((event): event is EventOf<Name> => event.type === name);
  }

  /** The phases of a command, in the order of the log. */
  phases(command: CommandId): string[] {
    return this.events("command")
      .filter((event) => event.command === command)
      .map(({ phase }) => phase);
  }

  /** The `count`th event of a type. */
  async event<Name extends Type>(name: Name, count = 1): Promise<EventOf<Name>> {
    return await this.until(() => this.events(name)[count - 1]);
  }

  async done(command: CommandId): Promise<void> {
    await this.until(() => this.phases(command).includes("done"));
  }

  /** Resolves with what `find` finds, looked for again after each message and at the end of the connection. */
  async until<Found>(find: () => Found | null | undefined | false): Promise<Found> {
    for (;;) {
      const found = find();
      if (found !== null && found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  acknowledge(): void {
    this.#acknowledges = true;
    const last = this.records.at(-1);
    if (last !== undefined) this.send({ type: "ack", seq: last.seq });
  }

  close(): void {
    this.#socket?.close();
  }

  #receive(message: FromHost): void {
    if (message.type === "hello") this.hello = message;
    else if (message.type === "vitals") this.vitals.push(message.vitals);
    else {
      this.records.push(message.record);
      if (this.#acknowledges) this.send({ type: "ack", seq: message.record.seq });
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}
