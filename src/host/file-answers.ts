import type { CommandId } from "../protocol/id.ts";
import type { CommandLog } from "./command-log.ts";
import type { FileAnswer } from "./question-files.ts";
import type { TurnQueue } from "./turn-queue.ts";

interface Written {
  readonly command: CommandId;
  readonly prompt: string;
  readonly file: FileAnswer;
}

/**
 * Answers that were written to files and not confirmed yet. A worker waits for an answer three minutes only: what it
 * has not read when its turn ends is its next turn.
 */
export class FileAnswers {
  readonly #commands: CommandLog;
  readonly #turns: TurnQueue;
  #written: Written[] = [];

  constructor(commands: CommandLog, turns: TurnQueue) {
    this.#commands = commands;
    this.#turns = turns;
  }

  add(written: Written): void {
    this.#commands.sent(written.command);
    this.#written.push(written);
  }

  /** Those that the worker has read by now are done. */
  settle(): void {
    const open: Written[] = [];
    for (const each of this.#written) {
      if (each.file.wasRead()) this.#commands.done(each.command);
      else open.push(each);
    }
    this.#written = open;
  }

  /** The turn is over: the worker does not look for files any more. */
  endTurn(): void {
    this.settle();
    for (const { command, prompt } of this.#written.splice(0))
      this.#turns.push({ command, prompt, note: null });
  }
}
