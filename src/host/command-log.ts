import type { CommandId } from "../protocol/id.ts";
import type { CommandPhase } from "../protocol/transcript.ts";
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
    if (phase === undefined) this.#write(command, "received"); // else a host received it that died with it
    return true;
  }

  /** The agent gets it now. */
  sent(command: CommandId): void {
    this.#write(command, "sent");
  }

  done(command: CommandId, error?: string): void {
    this.#write(command, "done", error);
  }

  /** The agent is gone: nobody knows what it took of the commands that it got. */
  holdSent(): void {
    for (const command of this.#memory.sent()) this.#write(command, "held");
  }

  #write(command: CommandId, phase: CommandPhase, error?: string): void {
    this.#transcript.write({ type: "command", command, phase, ...(error === undefined ? {} : { error }) });
  }
}
