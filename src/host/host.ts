import { mkdirSync } from "node:fs";
import { acquireLock, removeLockedFolder } from "../base/lock.ts";
import { DispatchError } from "../base/error.ts";
import { isId } from "../base/id.ts";
import type { Driver } from "../agents/driver.ts";
import { driverFor as catalogDriver } from "../agents/drivers.ts";
import { isControl } from "../core/transcript.ts";
import type { FromHost, HostCommand, HostOrder } from "../protocol/host.ts";
import { HOST_PROTOCOL } from "../protocol/version.ts";
import type { CommandId, SessionId } from "../protocol/id.ts";
import type { TranscriptRecord } from "../protocol/transcript.ts";
import { CommandLog } from "./command-log.ts";
import { DaemonLink, type DaemonMessage } from "./daemon-link.ts";
import { DaemonWaker } from "./daemon-waker.ts";
import { HostMemory } from "./host-memory.ts";
import { readRecord, writeRecord } from "./process-record.ts";
import { killUntilGone } from "./kill-until-gone.ts";
import { Run } from "./run.ts";
import { sessionFolder, type SessionFolder } from "./session-folder.ts";
import { stepBack } from "./step-back.ts";
import { becomeSubreaper } from "./subreaper.ts";
import { Transcript } from "./transcript.ts";
import { TurnQueue } from "./turn-queue.ts";
import { readVitals } from "./vitals.ts";

/** A host that has nothing alive, nothing to tell and no daemon ends after this. */
const IDLE_MS = 10_000;

export interface HostOptions {
  /** DISPATCH_HOME, absolute. */
  readonly home: string;
  /** The argv by which this program is run again. */
  readonly self: readonly string[];
  /** The protocol of an agent; the drivers of src/agents when left out. */
  readonly driverFor?: (agent: string) => Driver;
}

/**
 * The host process of a session: owns its agent, its log and its socket. Resolves when nothing is left to do, or at
 * once when the session has a living host already. Prints `ready` when it listens.
 * @throws DispatchError `invalid` for what is no session's id
 */
export async function runHost(session: string, options: HostOptions): Promise<void> {
  if (!isId("ses", session)) throw new DispatchError("invalid", `${session} is not the id of a session`);
  const folder = sessionFolder(options.home, session);
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  const lock = acquireLock(folder.lock);
  if (lock === null) return;
  leaveTerminal();
  const subreaper = becomeSubreaper();
  try {
    const { over } = await new Host(session, folder, options).live();
    if (over) removeLockedFolder(folder.path);
  } finally {
    subreaper.close();
    lock.release();
  }
}

/** An agent outlives the terminal. */
function leaveTerminal(): void {
  process.on("SIGHUP", () => undefined);
  process.on("SIGPIPE", () => undefined);
}

class Host {
  readonly #session: SessionId;
  readonly #folder: SessionFolder;
  readonly #options: HostOptions;
  readonly #memory: HostMemory;
  readonly #transcript: Transcript;
  readonly #commands: CommandLog;
  readonly #turns = new TurnQueue();
  readonly #link: DaemonLink;
  readonly #waker: DaemonWaker;
  readonly #over = Promise.withResolvers<void>();
  #run: Run | null = null;
  #dismissed: { over: boolean } | null = null;
  #lastControl = 0;
  #acknowledged = 0;
  #isLooking = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(session: SessionId, folder: SessionFolder, options: HostOptions) {
    this.#session = session;
    this.#folder = folder;
    this.#options = options;
    this.#memory = new HostMemory(folder.memory);
    this.#transcript = new Transcript(folder.log, {
      written: (record) => this.#wrote(record),
      ahead: () => this.#link.ahead,
    });
    this.#commands = new CommandLog(this.#memory, this.#transcript);
    this.#waker = new DaemonWaker(options);
    this.#link = new DaemonLink({
      hello: () => this.#hello(),
      lastSeq: () => this.#transcript.lastSeq,
      read: (after) => this.#transcript.read(after),
      acknowledged: (seq) => this.#acknowledge(seq),
      told: (message, { compatible }) => this.#told(message, compatible),
      changed: () => this.#weigh(),
    });
  }

  /** Resolves with `over` when the daemon needs nothing of the session any more. */
  async live(): Promise<{ over: boolean }> {
    this.#replay();
    await this.#sweep();
    await this.#link.listen(this.#folder.socket);
    console.log("ready");
    this.#weigh();
    await this.#over.promise;
    this.#stayUp();
    this.#link.close();
    this.#transcript.close();
    return this.#dismissed ?? { over: false };
  }

  /** What the log says of the life before this process. */
  #replay(): void {
    const { lastSeq } = this.#transcript;
    if (this.#memory.seq > lastSeq) this.#transcript.acknowledge(this.#memory.seq); // the log was lost, its numbers are used
    for (const record of this.#transcript.read(0)) this.#remember(record);
  }

  /** A host before this one may have died with its agent alive, even in between starting it and logging what it did. */
  async #sweep(): Promise<void> {
    const recorded = readRecord(this.#folder.processes);
    this.#transcript.beginEpoch(this.#memory.epoch);
    const search = { session: this.#session, home: this.#options.home, recorded };
    const killed = await killUntilGone(search, (text) =>
      this.#transcript.write({ type: "notice", level: "error", text }),
    );
    writeRecord(this.#folder.processes, []);
    if (!this.#memory.alive) return;
    this.#commands.holdSent();
    this.#transcript.write({ type: "gone", reason: "lost", exitCode: null, killed });
  }

  #hello(): Extract<FromHost, { type: "hello" }> {
    const { epoch, alive } = this.#memory;
    const { lastSeq } = this.#transcript;
    return {
      type: "hello",
      protocol: HOST_PROTOCOL,
      session: this.#session,
      pid: process.pid,
      epoch,
      alive,
      lastSeq,
    };
  }

  #told(message: DaemonMessage, compatible: boolean): void {
    switch (message.type) {
      case "start":
        return this.#start(message, compatible);
      case "command":
        return this.#command(message.command, compatible);
      case "look":
        return void this.#look();
      case "dismiss":
        this.#dismissed = message;
        return this.#weigh();
    }
  }

  /** One look at a time: what a look starts itself would be a sign of life to another one. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#link.say({ type: "vitals", vitals: await readVitals() });
    this.#isLooking = false;
  }

  #start({ epoch, launch }: Extract<DaemonMessage, { type: "start" }>, compatible: boolean): void {
    if (epoch <= this.#memory.epoch) return; // a repeat
    if (!compatible)
      return this.#refuse("The agent is not started: this host and its daemon are of different versions.");
    if (this.#run !== null)
      return this.#refuse(`Epoch ${epoch} is not started: epoch ${this.#memory.epoch} still lives.`);
    // Not before: whoever waits for the socket is not to wait for all others. Who types waits for no other either.
    if (launch.terminal === null) stepBack(process.pid);
    const { home, self, driverFor = catalogDriver } = this.#options;
    this.#run = new Run({
      session: this.#session,
      epoch,
      launch,
      driver: driverFor(launch.agent),
      folder: this.#folder,
      home,
      self,
      transcript: this.#transcript,
      commands: this.#commands,
      turns: this.#turns,
      wasAsked: (question) => this.#memory.wasAsked(question),
      abreast: () => this.#link.abreast(),
    });
    this.#dismissed = null;
    void this.#outlive(this.#run);
  }

  async #outlive(run: Run): Promise<void> {
    await run.live();
    this.#run = null;
    this.#weigh();
  }

  #command({ id, order }: HostCommand, compatible: boolean): void {
    if (!compatible && order.type !== "stop") {
      return this.#refuse("An order is not taken: this host and its daemon are of different versions.");
    }
    if (this.#commands.take(id)) this.#carryOut(id, order);
  }

  #carryOut(command: CommandId, order: HostOrder): void {
    switch (order.type) {
      case "prompt":
        this.#turns.push({
          command,
          prompt: order.text,
          images: order.images,
          note: null,
          steer: order.steer ?? false,
        });
        if (order.steer) void this.#run?.steer();
        return;
      case "answer":
        if (this.#run === null) this.#turns.push({ command, prompt: order.prompt, note: null });
        else this.#run.answer(command, order);
        return;
      case "note":
        this.#turns.push({ command, prompt: order.prompt, note: order.text });
        return this.#run?.note();
      case "interrupt":
        if (this.#run === null) this.#commands.done(command);
        else void this.#run.interrupt(command, order.graceMs);
        return;
      case "decide": {
        const applied = this.#run?.decide(order.approval, order.verdict) === true;
        if (applied) return this.#commands.done(command);
        return this.#commands.vain(command, "the call does not wait any more");
      }
      case "stop":
        if (this.#run === null) this.#commands.done(command);
        else void this.#run.stop(command, order.graceMs);
        return;
    }
  }

  #refuse(text: string): void {
    this.#transcript.write({ type: "notice", level: "warning", text });
  }

  #wrote(record: TranscriptRecord): void {
    this.#remember(record);
    this.#link.wrote(record);
    this.#weigh();
  }

  #remember(record: TranscriptRecord): void {
    this.#memory.observe(record);
    if (isControl(record.event)) this.#lastControl = record.seq;
  }

  #acknowledge(seq: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, seq);
    this.#memory.acknowledged(seq);
    if (!this.#transcript.drops(seq) || this.#memory.save()) this.#transcript.acknowledge(seq);
    this.#weigh();
  }

  /** What is there to do for a host right now: miss its daemon, wait for its own end, or neither. */
  #weigh(): void {
    const { connected } = this.#link;
    const isTold = this.#lastControl <= this.#acknowledged;
    const isDone = this.#run === null && isTold;
    this.#waker.missed(!connected && !isTold);
    // What a daemon that lets go was not told is in the log, for the host that is asked for next.
    if (this.#run === null && this.#dismissed) this.#over.resolve();
    if (isDone && !connected) this.#idle ??= setTimeout(() => this.#over.resolve(), IDLE_MS);
    else this.#stayUp();
  }

  #stayUp(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }
}
