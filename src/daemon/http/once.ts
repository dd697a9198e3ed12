import { DispatchError } from "../../base/error.ts";
import { recallAnswer, rememberAnswer } from "../../store/idempotency.ts";
import type { Ledger, Tx } from "../commit.ts";

export const MAX_KEY_LENGTH = 200; // characters

/** A call that its caller may repeat without doing it twice. */
interface Asked {
  key: string;
  /** Hash of everything that was asked. */
  request: string;
}

/** Writes the effect of a call; what it returns is the call's answer. */
export type Commit = <Answer>(write: (tx: Tx) => Answer) => Answer;

/** Names a call for a repeat. @throws DispatchError `invalid` for a key that is empty or too long */
export function asked(key: string, method: string, path: string, body: string): Asked {
  if (key === "" || key.length > MAX_KEY_LENGTH)
    throw new DispatchError("invalid", `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters`);
  const request = new Bun.CryptoHasher("sha256").update(JSON.stringify([method, path, body])).digest("hex");
  return { key, request };
}

/**
 * Answers every key once. The answer is kept in the transaction of the effect, so that after a crash there are both
 * or neither; a repeat that comes while the first still runs waits for it. A call that failed may be tried again.
 */
export class Once {
  readonly #ledger: Ledger;
  readonly #running = new Map<string, { request: string; answer: Promise<string> }>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /**
   * @param run does the call, through `commit` where its effect is in the store
   * @returns the answer as JSON
   * @throws DispatchError `conflict` when the key was used for something else
   */
  async answer(call: Asked | null, run: (commit: Commit) => unknown): Promise<string> {
    if (!call) return JSON.stringify(await run((write) => this.#ledger.commit(write)));
    const earlier = this.#running.get(call.key) ?? recallAnswer(this.#ledger.db, call.key, Date.now());
    if (earlier && earlier.request !== call.request)
      throw new DispatchError("conflict", "this Idempotency-Key was used for another request");
    if (earlier) return earlier.answer;
    const answer = this.#first(call, run);
    this.#running.set(call.key, { request: call.request, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(call.key);
    }
  }

  async #first({ key, request }: Asked, run: (commit: Commit) => unknown): Promise<string> {
    let kept = false;
    const keep = (tx: Tx, answer: unknown): void =>
      rememberAnswer(tx.db, key, { request, answer: JSON.stringify(answer) }, Date.now());
    const answer = await run((write) => {
      const result = this.#ledger.commit((tx) => {
        const written = write(tx);
        keep(tx, written);
        return written;
      });
      kept = true;
      return result;
    });
    if (!kept) this.#ledger.commit((tx) => keep(tx, answer));
    return JSON.stringify(answer);
  }
}
