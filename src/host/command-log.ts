import type { CommandId } from "../protocol/id.ts";
import type { CommandPhase, TranscriptEvent } from "../protocol/transcript.ts";
import type { HostMemory } from "./host-memory.ts";
import type { Transcript } from "./transcript.ts";

/** The life of commands, as the log tells it. */
export class CommandLog {
  readonly #memory: HostMemory;
  readonly #transcript: Transcript;
  readonly #taken = new Set<CommandId>();

  constructor(memory: HostMemory, transcript: Transcript) {
    this.#memory = memory;
    this.#transcript = transcript;
  }

  /**
   * Notes that a command has come.
   * @returns false for a repeat of one that was taken: the log has its answer, or will have it
   */
  take(command: CommandId): boolean {
    const phase = this.#memory.phaseOf(command);
    if (this.#taken.has(command) || (phase !== undefined && phase !== "received")) return false;
    this.#taken.add(command);
    if (phase === undefined) this.#transcript.write(phaseOf(command, "received")); // else a host received it that died with it
    return true;
  }

  /** The agent gets it now. What happens `also` is on disk with it. */
  sent(command: CommandId, ...also: TranscriptEvent[]): void {
    this.#transcript.write(phaseOf(command, "sent"), ...also);
  }

  done(command: CommandId, ...also: TranscriptEvent[]): void {
    this.#transcript.write(phaseOf(command, "done"), ...also);
  }

  /** Done, and it may have come to nothing. */
  vain(command: CommandId, error: string, ...also: TranscriptEvent[]): void {
    this.#transcript.write({ ...phaseOf(command, "done"), error }, ...also);
  }

  /** The agent is gone: nobody knows what it took of the commands that it got. */
  holdSent(): void {
    this.#transcript.write(...this.#memory.sent().map((command) => phaseOf(command, "held")));
  }
}

function phaseOf(command: CommandId, phase: CommandPhase): Extract<TranscriptEvent, { type: "command" }> {
  return { type: "command", command, phase };
}
