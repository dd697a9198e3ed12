import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { handedIn, isSettled, lanesOf, nextMerges, withMergeStatus } from "../core/merge.ts";
import { placesOf } from "../core/place.ts";
import { isEnded } from "../core/run.ts";
import type { MergeId } from "../protocol/id.ts";
import type { Merge } from "../protocol/merge.ts";
import { getMerge, openMerges } from "../store/merge.ts";
import { getTask } from "../store/task.ts";
import { getWorkspace } from "../store/workspace.ts";
import { removeScratchCheckout } from "../workspaces/scratch-checkout.ts";
import { requireRepository } from "../workspaces/repository.ts";
import type { Tx } from "./commit.ts";
import { type MergePorts, scratchRoot, tryMerge, writeMerge } from "./merge-try.ts";

/**
 * Works on queued merges: one at a time of each repository and target branch, in the order in which they came. One of a
 * task in several repositories has all of its targets to itself.
 */
export class MergeQueue {
  readonly #ports: MergePorts;
  readonly #atWork = new Map<string, { id: MergeId; stop: AbortController; done: Promise<void> }>();
  #unsubscribe: (() => void) | null = null;
  #closed = false;

  constructor(ports: MergePorts) {
    this.#ports = ports;
  }

  /** Takes up what an earlier daemon left: what it had at work is begun again. */
  start(): void {
    this.#unsubscribe = this.#ports.ledger.subscribe((events) => {
      for (const { event } of events)
        if (event.type === "merge" && isSettled(event.merge)) this.#stop(event.merge.id);
      if (
        events.some(({ event }) => event.type === "merge" || (event.type === "task" && isEnded(event.task)))
      )
        this.#consider();
    });
    const { log } = this.#ports;
    const swept = this.#sweep().catch((error: unknown) => log.error("scratch-left", { error }));
    void swept.then(() => this.#consider());
  }

  /** Starts nothing more and stops what runs; the next daemon begins it again. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe?.();
    for (const { stop } of this.#atWork.values()) stop.abort();
    await Promise.all([...this.#atWork.values()].map(({ done }) => done));
  }

  #consider(): void {
    if (this.#closed) return;
    const { ledger } = this.#ports;
    const isAtRest = (merge: Merge) => isEnded(getTask(ledger.db, merge.task)!);
    const back = openMerges(ledger.db).filter(
      (merge) => merge.status.state === "resolving" && isAtRest(merge),
    );
    if (back.length > 0) ledger.commit((tx) => back.forEach((merge) => this.#takeBack(tx, merge)));
    const atWork = new Set(this.#atWork.keys());
    for (const merge of nextMerges(openMerges(ledger.db), { atWork, atRest: isAtRest })) this.#begin(merge);
  }

  #takeBack(tx: Tx, merge: Merge): void {
    writeMerge(tx, handedIn(merge, getTask(tx.db, merge.task)!, Date.now()));
  }

  #begin(merge: Merge): void {
    const lanes = lanesOf(merge);
    const stop = new AbortController();
    const done = tryMerge(merge, { ...this.#ports, signal: stop.signal })
      .catch((error: unknown) => this.#refuse(merge.id, error, stop.signal))
      .finally(() => {
        for (const lane of lanes) this.#atWork.delete(lane);
        this.#consider();
      });
    for (const lane of lanes) this.#atWork.set(lane, { id: merge.id, stop, done });
  }

  #refuse(id: MergeId, error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const known = error instanceof DispatchError;
    if (!known) this.#ports.log.error("merge-failed", { merge: id, error });
    const message = error instanceof Error ? error.message : String(error);
    this.#ports.ledger.commit((tx) => {
      const merge = getMerge(tx.db, id)!;
      if (isSettled(merge)) return;
      const hint = (known ? error.hint : undefined) ?? `dispatch merge ${merge.slug} --queue`;
      writeMerge(tx, withMergeStatus(merge, { state: "refused", since: Date.now(), message, hint }));
    });
  }

  #stop(id: MergeId): void {
    for (const each of this.#atWork.values()) if (each.id === id) each.stop.abort();
  }

  /** Removes the checkouts of merges that a killed daemon had at work. */
  async #sweep(): Promise<void> {
    const root = scratchRoot(this.#ports.home);
    const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    for (const name of names) await this.#sweepOne(join(root, name), name.split(".")[0] as MergeId);
  }

  async #sweepOne(folder: string, id: MergeId): Promise<void> {
    const { db } = this.#ports.ledger;
    const merge = getMerge(db, id);
    if (merge === null) return;
    for (const { workspace } of placesOf(getTask(db, merge.task)!)) {
      const repository = await requireRepository(getWorkspace(db, workspace)!.path);
      await this.#ports.turns.take(repository.commonDir, () => removeScratchCheckout(repository, folder));
    }
  }
}
