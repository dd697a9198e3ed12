import type { GatedCall, Verdict } from "../protocol/approval.ts";
import type { HookReport } from "../protocol/hook-report.ts";
import type { Launch } from "../protocol/host.ts";
import type { Image } from "../protocol/image.ts";
import type { Plan } from "../protocol/plan.ts";
import type { ReachedLimit, StartFailure, TranscriptEvent, TurnEnd } from "../protocol/transcript.ts";
import type { WorkerCall } from "../protocol/worker.ts";

/** What an agent says and does while it works, as far as the driver only passes it on. */
export type AgentOutput = Extract<
  TranscriptEvent,
  { type: "text" | "thought" | "tool" | "todos" | "usage" | "notice" }
>;

/** What happens at an agent's own terminal, where people see to it themselves. */
export type TerminalSign = Extract<
  TranscriptEvent,
  { type: "turn_typed" | "turn_ended" | "dialogue" | "dialogue_ended" }
>;

/**
 * A started program, which leads its own process group (setsid), so that `-pid` names it with what it started.
 * `exited` resolves once, with the code or null where a signal ended it.
 */
export interface AgentProcess {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when the pipe took the bytes; rejects when the program is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes the program's standard input. */
  end(): void;
  readonly exited: Promise<number | null>;
}

/** What a terminal shows: its rows without the blanks at their ends, and what the program in it has switched on. */
export interface TerminalScreen {
  readonly lines: readonly string[];
  /** A row without what is drawn faint, as hints are: blanks stand there. Empty below the screen. */
  bright(row: number): string;
  /** From 0, at the upper left. */
  readonly cursor: { readonly row: number; readonly column: number };
  /** True while the program wants pasted text marked as such. */
  readonly bracketedPaste: boolean;
  /** True on the alternate screen, which full-screen programs use. */
  readonly alternate: boolean;
}

/** A program in a terminal of its own, whose session and process group it leads; people may be watching and typing too. */
export interface AgentTerminal extends Pick<AgentProcess, "pid" | "exited"> {
  /** Types. Resolves when the program's input took it all, or is gone; what is written first arrives first and whole. */
  write(input: string | Uint8Array): Promise<void>;
  /** What the output so far has drawn, as far as it was read: `drawn` tells of more. */
  screen(): TerminalScreen;
  /** Calls after output was drawn, until what it returns is called. */
  drawn(listener: () => void): () => void;
  /** Calls when a person typed, until what it returns is called. */
  typed(listener: () => void): () => void;
  /** Keeps what people type from the program until what it returns is called: then it gets all of it. */
  hold(): () => void;
  /** Hangs up, as a terminal that is closed does. Idempotent. */
  close(): void;
}

/** The worker's side of its task: the tools of `protocol/worker.ts`, called in the same process. */
export interface WorkerDesk {
  plan(): Plan;
  /** Resolves with what the worker is told; for `ask` that is the answer, or that it was parked. */
  call(call: WorkerCall): Promise<string>;
}

export interface SpawnOptions {
  readonly environment: Record<string, string>;
  readonly folder: string;
}

/** What a host gives a driver. Everything a driver starts goes through it, so that nothing is lost. */
export interface DriverInput {
  readonly launch: Launch;
  /** The command of our own MCP server for this session's worker, and its environment; null outside a task. */
  readonly workerTools: { command: string[]; environment: Record<string, string> } | null;
  readonly desk: WorkerDesk | null;
  /** @throws Error with code `ENOENT` or `EACCES` when there is no such program */
  spawn(command: string[], options: SpawnOptions): AgentProcess;
  /** Starts a program in the session's terminal, which people attach to; one at a time. Throws as `spawn`. */
  spawnTerminal(command: string[], options: SpawnOptions): Promise<AgentTerminal>;
  /**
   * Hears what the agent's own hooks report, in order, from now on.
   * @returns the words of the command that an agent's hook is to run
   */
  hookReports(hear: (report: HookReport) => void): Promise<string[]>;
  /** Puts a sign of what nobody was told to do in the session's log. */
  sign(sign: TerminalSign): void;
  /** Puts output in the session's log. Resolves when there is room for more: a driver reads on only then. */
  emit(output: AgentOutput): Promise<void>;
  /** Tells the agent's own id of the conversation, where it is known only after the opening: by it one can go on. */
  named(id: string): void;
  /** Asks for a decision on a tool call; pending as long as it takes. Rejects when the turn is cancelled meanwhile. */
  gate(call: GatedCall, signal: AbortSignal): Promise<Verdict>;
}

/** An error as an agent gives it: its words, and the code and data of its protocol where it has such. */
export interface AgentFailure {
  readonly message: string;
  readonly code?: number;
  readonly data?: unknown;
}

/**
 * How a turn ended; `message` says what the agent gave as an error, `limit` that it was one. `uncertain`: nobody knows
 * if the agent took its prompt.
 */
export interface Turn {
  end: TurnEnd;
  message?: string;
  limit?: ReachedLimit;
  uncertain?: true;
}

/** What is heard of a prompt on its way to an agent that it may have to wait for. */
export interface PromptSigns {
  /** Called right before the agent is told. False: it is not to be told any more. */
  telling(): boolean;
  /** The agent said that it took it. */
  taken(): void;
}

/** An open conversation with an agent. One turn at a time. */
export interface Conversation {
  /** The agent's own id of it, and whether a later process can go on with it. */
  readonly id: string;
  readonly resumable: boolean;
  /** True when it went on with `launch.resume`, itself and not a copy. */
  readonly resumed: boolean;
  /** True where another conversation can begin as a copy of it (`launch.fork`). */
  readonly forkable: boolean;
  /** Whether the agent looks at images; absent: what drives it has no way to hand over any. */
  readonly images?: boolean;
  /** The models that the agent itself offers; empty where it does not say. */
  readonly models: { id: string; name: string }[];
  /**
   * True where an agent has turns that nobody told it here, so that a prompt waits for its moment and says when that is
   * come; `cancel` ends those, too. Everywhere else a prompt is told at once.
   */
  readonly waits?: true;
  /**
   * Resolves when the turn has ended, after all of its output was emitted. Rejects only when the agent is gone, after
   * `closed`, which says how.
   * @param signs where it `waits`; one that was cancelled before its moment was never told
   * @param images go with the text; where it does not look at any, the turn is an error, and the agent told nothing
   */
  prompt(text: string, signs?: PromptSigns, images?: readonly Image[]): Promise<Turn>;
  /** Asks the agent to end the running turn; `prompt` then resolves with `cancelled`. */
  cancel(): Promise<void>;
  /** Resolves when the agent's process is gone, whoever ended it. `message` is the last of what it wrote to stderr. */
  readonly closed: Promise<{ exitCode: number | null; message: string }>;
  /** Ends the conversation in the agent's own way (standard input closed); the host kills what is left. Idempotent. */
  close(): Promise<void>;
}

/** An agent that did not start; the reason selects the hint that a person gets. */
export class StartError extends Error {
  readonly reason: StartFailure;
  readonly limit: ReachedLimit | null;

  constructor(reason: StartFailure, message: string, limit: ReachedLimit | null = null) {
    super(message);
    this.name = "StartError";
    this.reason = reason;
    this.limit = limit;
  }
}

/** A protocol that agents speak. `open` resolves when the agent is ready for a prompt; throws `StartError`. */
export interface Driver {
  open(input: DriverInput): Promise<Conversation>;
}
