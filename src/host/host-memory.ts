import { readFileSync } from "node:fs";
import type { CommandId, QuestionId } from "../protocol/id.ts";
import type { CommandPhase, TranscriptEvent, TranscriptRecord } from "../protocol/transcript.ts";
import { isDiskFull } from "./log-reserve.ts";
import { replaceFile } from "./replace-file.ts";

interface Remembered {
  /** The last record that is part of it. */
  seq: number;
  epoch: number;
  alive: boolean;
  commands: [CommandId, CommandPhase][];
  questions: QuestionId[];
}

const NOTHING: Remembered = { seq: 0, epoch: 0, alive: false, commands: [], questions: [] };

/**
 * What the whole log says of its session, though acknowledged segments are deleted: its epoch, whether that is alive,
 * how far each command is, and which question files were asked. Made from the log's records; a snapshot keeps those that are about to be deleted.
 * A command is forgotten when the daemon has its end: it never sends that one again.
 */
export class HostMemory {
  readonly #path: string;
  readonly #commands: Map<CommandId, CommandPhase>;
  readonly #questions: Set<QuestionId>;
  readonly #ends: { seq: number; command: CommandId }[] = [];
  #seq: number;
  #savedSeq: number;
  #epoch: number;
  #alive: boolean;

  /** Reads the snapshot; the log's records are then to be given to `observe`. */
  constructor(path: string) {
    this.#path = path;
    const saved = readSnapshot(path);
    this.#seq = saved.seq;
    this.#savedSeq = saved.seq;
    this.#epoch = saved.epoch;
    this.#alive = saved.alive;
    this.#commands = new Map(saved.commands);
    this.#questions = new Set(saved.questions);
  }

  /** The last record that it knows of. */
  get seq(): number {
    return this.#seq;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** True from `started` to `gone`. */
  get alive(): boolean {
    return this.#alive;
  }

  /** How far a command is; undefined for one that was never received. */
  phaseOf(command: CommandId): CommandPhase | undefined {
    return this.#commands.get(command);
  }

  /** The commands that were handed to the agent and have no end yet. */
  sent(): CommandId[] {
    return [...this.#commands].flatMap(([command, phase]) => (phase === "sent" ? [command] : []));
  }

  /** True for a question of a file that is in the log. */
  wasAsked(question: QuestionId): boolean {
    return this.#questions.has(question);
  }

  /** Takes in a record, each once and in order; those of the snapshot change nothing. */
  observe({ seq, epoch, event }: Pick<TranscriptRecord, "seq" | "epoch" | "event">): void {
    if (seq <= this.#savedSeq || !this.#apply(epoch, event)) return;
    this.#seq = seq;
    if (event.type === "command" && isEnd(event.phase)) this.#ends.push({ seq, command: event.command });
  }

  /** The daemon has everything up to `seq`, and with it the ends of commands. */
  acknowledged(seq: number): void {
    while ((this.#ends[0]?.seq ?? Infinity) <= seq) this.#commands.delete(this.#ends.shift()!.command);
  }

  /**
   * Keeps what it knows, before records are deleted.
   * @returns false when the disk is full: those records are needed still
   */
  save(): boolean {
    if (this.#seq === this.#savedSeq) return true;
    const now: Remembered = {
      seq: this.#seq,
      epoch: this.#epoch,
      alive: this.#alive,
      commands: [...this.#commands],
      questions: [...this.#questions],
    };
    try {
      replaceFile(this.#path, JSON.stringify(now));
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return false;
    }
    this.#savedSeq = this.#seq;
    return true;
  }

  #apply(epoch: number, event: TranscriptEvent): boolean {
    if (event.type === "command") this.#commands.set(event.command, event.phase);
    else if (event.type === "started") [this.#epoch, this.#alive] = [epoch, true];
    else if (event.type === "gone") this.#alive = false;
    else if (event.type === "question" && event.via === "file") this.#questions.add(event.question);
    else return false;
    return true;
  }
}

function isEnd(phase: CommandPhase): boolean {
  return phase === "done" || phase === "held";
}

function readSnapshot(path: string): Remembered {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Remembered;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return NOTHING;
    throw error;
  }
}
