import { passageOf, type Passage } from "../core/passage.ts";
import type { PlacedEvent } from "../protocol/event.ts";
import { readEvents } from "../store/event.ts";
import {
  extendPassage,
  hasPrompt,
  insertPassage,
  readPassageSession,
  savePassageSession,
} from "../store/passage.ts";
import { readThrough, saveReadThrough } from "../store/meta.ts";
import { getTaskText } from "../store/task.ts";
import type { Ledger, Tx } from "./commit.ts";

/** Events that are read in one transaction: a millisecond or two. */
const BATCH_EVENTS = 100;
/** How long after a commit it is read, so that an agent that talks costs little; a search reads the rest at once. */
const REST_MS = 1_000;

/**
 * Keeps what can be found abreast of the events: a little after each commit, and before each search to its end. What
 * is not read yet when the daemon dies, the next one reads.
 */
export class SearchIndex {
  readonly #ledger: Ledger;
  #unsubscribe: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  start(): void {
    this.#unsubscribe = this.#ledger.subscribe(() => this.#soon());
    this.#soon();
  }

  /** Reads all that was committed before this call. Other work goes on between the batches. */
  async catchUp(): Promise<void> {
    const { seq } = this.#ledger.position();
    while (readThrough(this.#ledger.db, "search") < seq) {
      if (!this.#read()) return;
      await new Promise(setImmediate);
    }
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe?.();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#read()) this.#soon();
    }, REST_MS);
  }

  /** False when there was nothing to read. */
  #read(): boolean {
    const after = readThrough(this.#ledger.db, "search");
    const events = readEvents(this.#ledger.db, { after, topics: ["*"], limit: BATCH_EVENTS });
    const last = events.at(-1);
    if (!last) return false;
    this.#ledger.ingest((tx) => {
      for (const placed of events) take(tx, placed);
      saveReadThrough(tx.db, "search", last.position.seq);
    });
    return true;
  }
}

function take(tx: Tx, placed: PlacedEvent): void {
  const { event } = placed;
  if (event.type === "task" && !hasPrompt(tx.db, event.task.id)) {
    const { prompt } = getTaskText(tx.db, event.task.id)!;
    insertPassage(tx.db, {
      kind: "prompt",
      task: event.task.id,
      session: null,
      ...whereOf(placed),
      text: prompt,
    });
  }
  const passage = passageOf(event);
  if (passage) keep(tx, passage, placed);
}

function keep({ db }: Tx, { running, ...passage }: Passage, placed: PlacedEvent): void {
  const { session } = passage;
  if (session === null) return;
  const state = readPassageSession(db, session);
  if (running && state.running !== null && extendPassage(db, state.running, passage.text)) return;
  const isTurn = placed.event.type === "transcript" && passage.kind === "prompt";
  const repeats = isTurn && state.turns === 0 && passage.task !== null; // the task's own prompt, amid our instructions
  const id = repeats || passage.text === "" ? null : insertPassage(db, { ...passage, ...whereOf(placed) });
  savePassageSession(db, session, {
    turns: state.turns + (isTurn ? 1 : 0),
    running: running ? id : null,
  });
}

function whereOf({ at, position }: PlacedEvent): { at: number; seq: number } {
  return { at, seq: position.seq };
}
