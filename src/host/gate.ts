import { newId } from "../base/id.ts";
import type { GatedCall, Verdict } from "../protocol/approval.ts";
import type { Launch } from "../protocol/host.ts";
import type { ApprovalId } from "../protocol/id.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";

type Pending = PromiseWithResolvers<Verdict>;

/**
 * Where an agent's tool calls wait for the daemon's decision, however long that takes. Each call is a logged approval
 * until it is applied, or withdrawn with its turn.
 */
export class Gate {
  readonly #allowsAll: boolean;
  readonly #write: (event: TranscriptEvent) => void;
  readonly #carried: Launch["carried"];
  readonly #pending = new Map<ApprovalId, Pending>();

  constructor(launch: Launch, write: (event: TranscriptEvent) => void) {
    this.#allowsAll = launch.permissions === "all";
    this.#write = write;
    this.#carried = [...launch.carried];
  }

  /**
   * Where everything is allowed (the daemon decided so at the start) nothing is asked.
   * Resolves with the decision; rejects with the reason of `signal` when the turn is cancelled, or with `withdrawAll`.
   */
  async ask(call: GatedCall, signal: AbortSignal): Promise<Verdict> {
    signal.throwIfAborted();
    if (this.#allowsAll) return "allow";
    const inputHash = hashCall(call);
    const approval = this.#takeCarried(inputHash) ?? newId("apr");
    const pending: Pending = Promise.withResolvers();
    const cancel = () => this.#withdraw(approval, signal.reason);
    this.#pending.set(approval, pending);
    this.#write({ type: "approval", approval, call, inputHash });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await pending.promise;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Lets the call have its verdict. False when it does not wait any more. */
  decide(approval: ApprovalId, verdict: Verdict): boolean {
    const pending = this.#pending.get(approval);
    if (pending === undefined) return false;
    this.#pending.delete(approval);
    this.#write({ type: "approval_applied", approval, verdict });
    pending.resolve(verdict);
    return true;
  }

  /** The agent ends: nothing that waits here will be applied. */
  withdrawAll(): void {
    for (const approval of this.#pending.keys()) this.#withdraw(approval, new Error("the agent is stopped"));
  }

  #withdraw(approval: ApprovalId, reason: unknown): void {
    const pending = this.#pending.get(approval);
    if (pending === undefined) return;
    this.#pending.delete(approval);
    this.#write({ type: "approval_withdrawn", approval });
    pending.reject(reason);
  }

  #takeCarried(inputHash: string): ApprovalId | undefined {
    const at = this.#carried.findIndex((each) => each.inputHash === inputHash);
    return at === -1 ? undefined : this.#carried.splice(at, 1)[0]?.approval;
  }
}

/**
 * Names a call by what it would do: SHA-256, in hex, of the canonical JSON of all that a person is shown of it. Some
 * products have no input to show, and calls that differ must not have one name.
 */
function hashCall(call: GatedCall): string {
  return new Bun.CryptoHasher("sha256").update(canonicalJson(call)).digest("hex");
}

/** JSON with the keys of every object sorted, so that equal values have equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
