import {
  StartError,
  type AgentOutput,
  type AgentProcess,
  type AgentTerminal,
  type Conversation,
  type Driver,
  type PromptSigns,
  type SpawnOptions,
  type Turn,
} from "../agents/driver.ts";
import type { JsonServer } from "../base/json-socket.ts";
import { within } from "../base/within.ts";
import { applyTodos } from "../core/plan.ts";
import type { Verdict } from "../protocol/approval.ts";
import type { HookReport } from "../protocol/hook-report.ts";
import type { HostOrder, Launch } from "../protocol/host.ts";
import type { ApprovalId, CommandId, QuestionId, SessionId } from "../protocol/id.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { spawnAgent } from "./agent-process.ts";
import type { CommandLog } from "./command-log.ts";
import { FileAnswers } from "./file-answers.ts";
import { Gate } from "./gate.ts";
import { serveHooks } from "./hook-server.ts";
import { killUntilGone } from "./kill-until-gone.ts";
import { ProcessNotes } from "./process-notes.ts";
import { RUN_VARIABLE } from "./process-tree.ts";
import type { SessionFolder } from "./session-folder.ts";
import { openTaskDesk, type TaskDesk } from "./task-desk.ts";
import type { TerminalServer } from "./terminal-server.ts";
import type { Transcript } from "./transcript.ts";
import type { QueuedTurn, TurnQueue } from "./turn-queue.ts";

/** What an agent gets to go by itself once its conversation was closed, before the signals. */
const CLOSE_GRACE_MS = 1_000;
/** What an agent gets to end its turn in when another one is to be next. */
const STEER_GRACE_MS = 5_000;
/** A turn that fails because its agent died fails a moment before the death is seen. */
const DEATH_NOTICE_MS = 1_000;
const MAX_LAST_WORDS_CHARS = 2_048;
const WORKER_SOCKET_VARIABLE = "DISPATCH_WORKER_SOCKET";

export interface RunInput {
  readonly session: SessionId;
  readonly epoch: number;
  readonly launch: Launch;
  readonly driver: Driver;
  readonly folder: SessionFolder;
  readonly home: string;
  /** The argv by which this program is run again. */
  readonly self: readonly string[];
  readonly transcript: Transcript;
  readonly commands: CommandLog;
  readonly turns: TurnQueue;
  /** True when the log has a question of a file. */
  readonly wasAsked: (question: QuestionId) => boolean;
  /** Resolves when the daemon has taken most of what the agent put out. */
  readonly abreast: () => Promise<void>;
}

interface End {
  readonly reason: "stopped" | "crashed";
  readonly exitCode: number | null;
  readonly message?: string;
}

/**
 * One life of the agent: from `started` to `gone`, which is logged when nothing of it is left.
 * Turns are taken from the queue one at a time.
 */
export class Run {
  readonly #input: RunInput;
  readonly #gate: Gate;
  readonly #notes: ProcessNotes;
  readonly #fileAnswers: FileAnswers;
  /** No further turn begins. */
  readonly #closing = Promise.withResolvers<null>();
  /** The agent is gone or given up: nothing is waited for any more. */
  readonly #dead = Promise.withResolvers<null>();
  readonly #stops: CommandId[] = [];
  #task: TaskDesk | null = null;
  #hooks: JsonServer | null = null;
  #conversation: Conversation | null = null;
  #terminal: AgentTerminal | null = null;
  #server: TerminalServer | null = null;
  #turn: Promise<void> | null = null;
  #ending: Promise<void> | null = null;
  readonly #over = Promise.withResolvers<void>();
  #isClosing = false;
  #gone = false;

  constructor(input: RunInput) {
    this.#input = input;
    this.#gate = new Gate(input.launch, (event) => this.#write(event));
    this.#notes = new ProcessNotes(input.folder.processes);
    this.#fileAnswers = new FileAnswers(input.commands, input.turns);
  }

  /** Starts the agent and gives it its turns. Resolves when `gone` is logged. */
  async live(): Promise<void> {
    const { transcript, epoch, launch } = this.#input;
    transcript.beginEpoch(epoch);
    this.#write({ type: "started", pid: process.pid, program: launch.command[0]! });
    const conversation = await this.#open();
    if (conversation !== null) await this.#converse(conversation);
    await this.#over.promise;
  }

  /** Ends the run: the agent is asked to end its turn, then everything that it started is ended. */
  async stop(command: CommandId, graceMs: number): Promise<void> {
    this.#stops.push(command);
    this.#close();
    if (this.#turn !== null) await this.#cancelTurn(this.#turn, graceMs);
    await this.#end({ reason: "stopped", exitCode: null });
  }

  /** Has the agent end its turn. One that is deaf to that is ended. */
  async interrupt(command: CommandId, graceMs: number): Promise<void> {
    if (await this.#endTurn(graceMs)) return this.#input.commands.done(command);
    this.#stops.push(command);
    await this.#endDeaf();
  }

  /** The same for a turn that is to be next. */
  async steer(): Promise<void> {
    if (!(await this.#endTurn(STEER_GRACE_MS))) await this.#endDeaf();
  }

  decide(approval: ApprovalId, verdict: Verdict): boolean {
    return this.#gate.decide(approval, verdict);
  }

  /** Gives an answer to the worker that waits for it, or else as its next turn. */
  answer(command: CommandId, { question, text, prompt }: Extract<HostOrder, { type: "answer" }>): void {
    const { commands, turns } = this.#input;
    if (this.#task?.desk.answer(question, text) === true) {
      commands.sent(command);
      commands.done(command);
      return;
    }
    const file = this.#task?.files.answer(question, text) ?? null;
    if (file !== null && this.#turn !== null) this.#fileAnswers.add({ command, prompt, file });
    else turns.push({ command, prompt, note: null });
  }

  /** Writes the notes of waiting turns into the plan. */
  note(): void {
    this.#task?.note(this.#input.turns.takeNotes());
  }

  /** Null when it did not start; the end of the run is then under way. */
  async #open(): Promise<Conversation | null> {
    try {
      await this.#openTask();
      return this.#ending === null ? await this.#openConversation() : null;
    } catch (error) {
      if (this.#ending !== null) return null;
      const reason = error instanceof StartError ? error.reason : "crashed";
      const message = error instanceof Error ? error.message : String(error);
      const limit = error instanceof StartError ? error.limit : null;
      this.#write({ type: "start_failed", reason, message, ...(limit && { limit }) });
      void this.#end({ reason: "crashed", exitCode: null });
      return null;
    }
  }

  async #openTask(): Promise<void> {
    const { launch, folder, wasAsked, turns } = this.#input;
    if (launch.task === null) return;
    this.#task = await openTaskDesk({
      task: launch.task,
      folder,
      wasAsked,
      write: (event) => this.#write(event),
      changed: () => this.#fileAnswers.settle(),
    });
    if (this.#ending === null) this.#task.note(turns.takeNotes());
    else this.#task.close();
  }

  async #openConversation(): Promise<Conversation | null> {
    const { driver, launch, self, folder } = this.#input;
    const desk = this.#task?.desk ?? null;
    const opening = driver.open({
      launch,
      workerTools: desk && {
        command: [...self, "mcp", "--worker"],
        environment: { [WORKER_SOCKET_VARIABLE]: folder.workerSocket, BUN_BE_BUN: "0" },
      },
      desk,
      spawn: (command, options) => this.#spawn(command, options),
      spawnTerminal: (command, options) => this.#spawnTerminal(command, options),
      hookReports: (hear) => this.#hearHooks(hear),
      sign: (sign) => this.#write(sign),
      emit: (output) => this.#emit(output),
      named: (id) => this.#named(id),
      gate: (call, signal) => this.#gate.ask(call, signal),
    });
    const conversation = await Promise.race([opening, this.#dead.promise]);
    // Stopped while it started: what still comes of the start does not matter, its processes are being ended.
    if (conversation === null) opening.catch(() => null);
    return conversation;
  }

  async #converse(conversation: Conversation): Promise<void> {
    this.#conversation = conversation;
    const { id, resumed, resumable, forkable, models, images } = conversation;
    const looks = images === undefined ? {} : { images };
    this.#write({ type: "conversation", id, resumed, resumable, forkable, ...looks, models });
    void conversation.closed.then(({ exitCode, message }) =>
      this.#end({
        reason: "crashed",
        exitCode,
        message: message.slice(-MAX_LAST_WORDS_CHARS).trim() || silentEnd(exitCode),
      }),
    );
    for (;;) {
      const next = await this.#input.turns.take(this.#closing.promise);
      if (next === null) return;
      if (this.#isClosing) return this.#input.turns.putBack(next);
      this.#turn = this.#take(conversation, next);
      await this.#turn;
      this.#turn = null;
    }
  }

  #named(id: string): void {
    this.#write({ type: "conversation", id, resumed: false, resumable: true, models: [] });
  }

  async #take(conversation: Conversation, next: QueuedTurn): Promise<void> {
    const { transcript, commands, turns } = this.#input;
    const { command, prompt, images = [] } = next;
    let told = false;
    let isOver = false;
    const signs: PromptSigns = {
      telling: () => {
        if (this.#isClosing) return false;
        told = true;
        transcript.beginTurn();
        commands.sent(command, { type: "turn_started", prompt });
        return true;
      },
      taken: () => this.#write({ type: "prompt_taken", ...(isOver && { command }) }),
    };
    if (!conversation.waits) signs.telling();
    const turn = await Promise.race([
      this.#prompt(conversation, { prompt, images }, signs),
      this.#dead.promise,
    ]);
    if (!told) return turns.putBack(next);
    isOver = true;
    if (turn === null) return; // its command is held when the run ends
    this.#endTurnOf(command, turn);
  }

  #endTurnOf(command: CommandId, { uncertain, ...turn }: Turn): void {
    const { transcript, commands } = this.#input;
    this.#task?.endTurn();
    this.#fileAnswers.endTurn();
    this.#notes.soon();
    const ended = { type: "turn_ended", said: transcript.said, ...turn } as const;
    if (uncertain) commands.vain(command, turn.message ?? "nobody knows if the agent took it", ended);
    else commands.done(command, ended);
    Bun.shrink(); // what the turn's garbage and code take (2 MB and more): it may be hours until the next
  }

  async #prompt(
    conversation: Conversation,
    { prompt, images }: Required<Pick<QueuedTurn, "prompt" | "images">>,
    signs: PromptSigns,
  ): Promise<Turn | null> {
    try {
      return await conversation.prompt(prompt, signs, images);
    } catch (error) {
      const failed: Turn = { end: "error", message: error instanceof Error ? error.message : String(error) };
      return (await within(this.#dead.promise, DEATH_NOTICE_MS)) === undefined ? failed : null;
    }
  }

  /** False when the agent goes on with its turn all the same. */
  async #endTurn(graceMs: number): Promise<boolean> {
    const hasOwnTurns = this.#conversation?.waits === true;
    if (this.#turn === null && !hasOwnTurns) return true;
    return await this.#cancelTurn(this.#turn ?? Promise.resolve(), graceMs);
  }

  async #endDeaf(): Promise<void> {
    const message = "the agent did not end its turn when asked";
    await this.#end({ reason: "stopped", exitCode: null, message });
  }

  async #cancelTurn(turn: Promise<void>, graceMs: number): Promise<boolean> {
    const cancelled = this.#conversation?.cancel().catch(() => null); // a dead agent needs no cancel
    const ended = Promise.all([cancelled, turn]).then(() => true);
    return (await within(ended, graceMs)) ?? false;
  }

  #end(end: End): Promise<void> {
    this.#ending ??= this.#endOnce(end);
    return this.#ending;
  }

  #close(): void {
    this.#isClosing = true;
    this.#closing.resolve(null);
  }

  async #endOnce(end: End): Promise<void> {
    this.#close();
    this.#dead.resolve(null);
    this.#gate.withdrawAll();
    const closed = this.#conversation?.close().catch(() => null); // what does not close is killed
    await within(closed ?? Promise.resolve(), CLOSE_GRACE_MS);
    const { session, home } = this.#input;
    const killed = await killUntilGone({ session, home, isHost: true }, (text) =>
      this.#write({ type: "notice", level: "error", text }),
    );
    this.#task?.close();
    this.#hooks?.close();
    await this.#leaveTerminal();
    this.#notes.clear();
    this.#input.commands.holdSent();
    for (const command of this.#stops) this.#input.commands.done(command);
    this.#write({ type: "gone", killed, ...end });
    this.#gone = true;
    this.#over.resolve();
  }

  async #hearHooks(hear: (report: HookReport) => void): Promise<string[]> {
    const { self, folder } = this.#input;
    this.#hooks = await serveHooks(folder.hookSocket, hear);
    if (this.#ending !== null) this.#hooks.close();
    return [...self, "hook", "report", "--to", folder.hookSocket];
  }

  #spawn(command: string[], options: SpawnOptions): AgentProcess {
    const child = spawnAgent(command, { ...options, environment: this.#marked(options) });
    this.#notes.soon();
    return child;
  }

  async #spawnTerminal(command: string[], options: SpawnOptions): Promise<AgentTerminal> {
    const { PseudoTerminal } = await import("../agents/terminal/pseudo-terminal.ts");
    const size = this.#input.launch.terminal;
    if (size === null) throw new StartError("protocol", "the session has no terminal");
    const terminal = new PseudoTerminal(command, { ...options, size, environment: this.#marked(options) });
    const { serveTerminal } = await import("./terminal-server.ts");
    this.#terminal = terminal;
    this.#server = serveTerminal(this.#input.folder.screenSocket, terminal);
    this.#notes.soon();
    return terminal;
  }

  /** Who watches is told how it ended. */
  async #leaveTerminal(): Promise<void> {
    if (this.#terminal === null) return;
    await within(this.#terminal.exited, CLOSE_GRACE_MS);
    this.#server?.close();
  }

  /** The environment of what is started, by which it is known. */
  #marked({ environment }: SpawnOptions): Record<string, string> {
    if (this.#ending !== null) throw new StartError("crashed", "the run is being ended");
    const { session, epoch } = this.#input;
    return { ...environment, [RUN_VARIABLE]: `${session}:${epoch}` };
  }

  async #emit(output: AgentOutput): Promise<void> {
    if (this.#gone) return;
    await this.#input.transcript.emit(output);
    await Promise.race([this.#input.abreast(), this.#dead.promise]);
    if (output.type === "tool") this.#notes.soon();
    if (output.type === "todos") this.#task?.files.change((plan) => applyTodos(plan, output.steps));
  }

  /** What comes after `gone` belongs to no life: it is dropped. */
  #write(event: TranscriptEvent): void {
    if (!this.#gone) this.#input.transcript.write(event);
  }
}

/** What is said of an agent that ended without a word. */
function silentEnd(exitCode: number | null): string {
  return exitCode === null ? "the agent ended by itself" : `the agent ended with exit code ${exitCode}`;
}
