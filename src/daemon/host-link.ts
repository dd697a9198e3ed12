import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { type JsonSocket, connectJson } from "../base/json-socket.ts";
import { hasAgent } from "../core/run.ts";
import type { FromHost, Launch, ToHost } from "../protocol/host.ts";
import { HOST_PROTOCOL } from "../protocol/version.ts";
import type { CommandId, SessionId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import type { Vitals } from "../protocol/vitals.ts";
import { listPending } from "../store/command.ts";
import { getCursor } from "../store/cursor.ts";
import { getSession } from "../store/session.ts";
import type { Ledger } from "./commit.ts";
import type { Log } from "./log.ts";
import type { Intake, Source } from "./intake.ts";
import type { Taken } from "./records.ts";
import { toldOrder } from "./message.ts";
import { isOver } from "./run.ts";

/** Tries to reach a host, each after starting one, that end without a greeting, before its session is given up. */
const MAX_TRIES = 8;
/** The pauses between tries, each twice the one before. */
const TRY_PAUSE_MS = 25;
const MAX_PAUSE_MS = 1_000;
/**
 * What a host gets to listen in that has the session and does not yet. Another daemon has started it; how long it takes
 * is the machine's load, and says nothing of it.
 */
const HELD_MS = 5 * 60_000;

/** How the start of a host went: `held`, another one has the session; `ended`, it could not start. */
export type HostStart = "listens" | "held" | "ended";

type Greeting = Extract<FromHost, { type: "hello" }>;

/** What a link needs of the daemon. */
export interface HostPorts {
  readonly home: string;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly intake: Intake;
  /** Starts the host of a session; resolves when it listens, or has ended. */
  spawnHost(session: SessionId): Promise<HostStart>;
  /** What the session's agent is started with. */
  launch(session: Session): Promise<Launch>;
  /** What the host's processes did so far, as was asked by `look`. */
  seen(vitals: Vitals): void;
  /** A batch of records was committed. */
  taken(session: Session | null): void;
  /** The agent that the store believes in is not there, and its host has nothing more to say of it. */
  vanished(reason: "stopped" | "lost"): void;
  /** The host cannot be started, or its agent cannot be launched. */
  lost(error: unknown): void;
  /** The session is over and its host was let go. */
  left(): void;
}

/**
 * The daemon's end of one host. It connects, starts the host where none listens, starts the epoch that the store
 * wants, sends every order that the host has not finished, and commits what the host logs. Everything it sends can be
 * sent again: after a lost connection it begins anew.
 */
export class HostLink {
  readonly #session: SessionId;
  readonly #ports: HostPorts;
  #socket: JsonSocket | null = null;
  #host: Greeting | null = null;
  #told = new Set<CommandId>();
  #launchingEpoch = 0;
  #startedEpoch = 0;
  #tries = 0;
  readonly #source: Source = {
    taken: (taken) => this.#taken(taken),
    refused: (error) => this.#refused(error),
  };
  #closed = false;

  constructor(session: SessionId, ports: HostPorts) {
    this.#session = session;
    this.#ports = ports;
  }

  open(): void {
    this.#connect().catch((error: unknown) => this.#giveUp(error));
  }

  /** Tells the host what the store wants of it now and it was not told yet. */
  reconcile(): void {
    if (!this.#host || this.#closed) return;
    const session = getSession(this.#ports.ledger.db, this.#session);
    if (!session) return;
    const missing = this.#missing(session, this.#host);
    if (missing) return this.#ports.vanished(missing);
    if (session.status.state === "starting") this.#start(session);
    for (const { id, order } of listPending(this.#ports.ledger.db, this.#session)) {
      if (this.#told.has(id)) continue;
      this.#told.add(id);
      this.#send({ type: "command", command: { id, order: toldOrder(this.#ports.ledger.db, order) } });
    }
    if (!hasAgent(session)) this.#dismiss(session);
  }

  /** Asks the host for its vitals; one that is not there says nothing. */
  look(): void {
    if (this.#host) this.#send({ type: "look" });
  }

  /** Leaves the host alone. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#ports.intake.withdraw(this.#session);
    this.#socket?.close();
    this.#socket = null;
  }

  async #connect(): Promise<void> {
    const end = Date.now() + HELD_MS;
    for (let pause = TRY_PAUSE_MS; !this.#closed; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
      if (this.#tries >= MAX_TRIES) throw new Error(`its host did not answer in ${MAX_TRIES} tries`);
      this.#tries += 1;
      const socket = await this.#reach();
      if (socket) return this.#connected(socket);
      const start = await this.#ports.spawnHost(this.#session);
      if (start === "held" && Date.now() < end) this.#tries -= 1;
      if (start !== "listens") await Bun.sleep(pause);
    }
  }

  /** Null when no host listens. */
  async #reach(): Promise<JsonSocket | null> {
    const path = join(this.#ports.home, "sessions", this.#session, "host.sock");
    try {
      return await connectJson(path, () => ({
        // A host is this program, run by this user: its frames are trusted.
        onMessage: (frame) => this.#receive(frame as FromHost),
        onClose: () => this.#disconnected(),
      }));
    } catch (error) {
      if (error instanceof DispatchError && error.code === "unavailable") return null;
      throw error;
    }
  }

  #connected(socket: JsonSocket): void {
    if (this.#closed) return socket.close();
    this.#socket = socket;
    const after = getCursor(this.#ports.ledger.db, this.#session).seq;
    this.#send({ type: "hello", protocol: HOST_PROTOCOL, after });
  }

  /** The host is gone, or replaced this connection: the next one starts from what is committed. */
  #disconnected(): void {
    this.#ports.intake.take();
    this.#ports.intake.withdraw(this.#session);
    this.#socket = null;
    this.#host = null;
    this.#told = new Set();
    this.#launchingEpoch = 0;
    this.#startedEpoch = 0;
    if (!this.#closed) this.open();
  }

  #receive(frame: FromHost): void {
    switch (frame.type) {
      case "hello":
        this.#host = frame;
        this.#tries = 0;
        this.#launchingEpoch = frame.epoch;
        this.#startedEpoch = frame.epoch;
        this.reconcile();
        return;
      case "record":
        this.#ports.intake.offer(this.#session, frame.record, this.#source);
        return;
      case "vitals":
        this.#ports.seen(frame.vitals);
    }
  }

  #taken({ seq, synced, session }: Taken): void {
    if (synced) this.#send({ type: "ack", seq });
    if (!this.#closed) this.#ports.taken(session);
  }

  /** After a new greeting the host sends it again. */
  #refused(error: unknown): void {
    this.#ports.log.error("records-refused", { session: this.#session, error });
    this.#socket?.close();
  }

  /** Why there is no agent where the store has one: it was stopped before it was started, or its log was lost. */
  #missing(session: Session, host: Greeting): "stopped" | "lost" | null {
    const { state } = session.status;
    if (state === "starting" || !hasAgent(session)) return null;
    if (session.epoch > this.#startedEpoch) return state === "stopping" ? "stopped" : "lost";
    const isOld = session.epoch === host.epoch && !host.alive;
    return isOld && getCursor(this.#ports.ledger.db, this.#session).seq >= host.lastSeq ? "lost" : null;
  }

  #start(session: Session): void {
    const { epoch } = session;
    if (epoch <= this.#launchingEpoch) return;
    this.#launchingEpoch = epoch;
    this.#ports.launch(session).then(
      (launch) => this.#sendStart(epoch, launch),
      (error: unknown) => this.#giveUp(error),
    );
  }

  /** The session may have been stopped while its launch was prepared. */
  #sendStart(epoch: number, launch: Launch): void {
    const session = getSession(this.#ports.ledger.db, this.#session);
    if (!this.#host || session?.status.state !== "starting" || session.epoch !== epoch) return;
    this.#startedEpoch = epoch;
    this.#send({ type: "start", epoch, launch });
  }

  #dismiss(session: Session): void {
    this.#send({ type: "dismiss", over: isOver(this.#ports.ledger.db, session) });
    this.close();
    this.#ports.left();
  }

  #giveUp(error: unknown): void {
    if (this.#closed) return;
    this.#send({ type: "dismiss", over: false });
    this.close();
    this.#ports.left();
    this.#ports.lost(error);
  }

  #send(frame: ToHost): void {
    this.#socket?.send(frame);
  }
}
