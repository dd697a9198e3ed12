import type { CommandId } from "../protocol/id.ts";
import type { Image } from "../protocol/image.ts";

/** A turn that waits for the agent: the command it came with and what the agent is told. */
export interface QueuedTurn {
  readonly command: CommandId;
  readonly prompt: string;
  readonly images?: readonly Image[] | undefined;
  /** A dispatcher's note that is to stand in `plan.md` by then. */
  readonly note: string | null;
  /** It goes before those that do not steer. */
  readonly steer?: boolean;
}

/** Turns in the order they were asked for. It outlives an agent: what never left it waits for the next epoch. */
export class TurnQueue {
  readonly #waiting: QueuedTurn[] = [];
  #changed = Promise.withResolvers<void>();

  push(turn: QueuedTurn): void {
    const behind = turn.steer ? this.#waiting.findIndex(({ steer }) => !steer) : -1;
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, turn);
    this.#changed.resolve();
  }

  /** Takes the first turn; waits for one as long as it takes. Null when `over` resolves before. */
  async take(over: Promise<unknown>): Promise<QueuedTurn | null> {
    const ended = over.then(() => true);
    for (;;) {
      const first = this.#waiting.shift();
      if (first !== undefined) return first;
      this.#changed = Promise.withResolvers();
      const isOver = await Promise.race([this.#changed.promise, ended]);
      if (isOver === true) return null;
    }
  }

  /** Gives back a turn that was taken and not begun: it is next, behind those that steer where it does not. */
  putBack(turn: QueuedTurn): void {
    const place = turn.steer ? 0 : this.#waiting.findIndex(({ steer }) => !steer);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, turn);
    this.#changed.resolve();
  }

  /** The notes of waiting turns, each given once. */
  takeNotes(): string[] {
    const notes = this.#waiting.flatMap((turn) => turn.note ?? []);
    for (const [at, turn] of this.#waiting.entries()) this.#waiting[at] = { ...turn, note: null };
    return notes;
  }
}
