import { newId } from "../base/id.ts";
import type { WebhookId } from "../protocol/id.ts";
import type { Notice } from "../protocol/notice.ts";
import type { Delivery } from "../protocol/webhook.ts";
import {
  disableWebhook,
  insertDelivery,
  listWebhooks,
  readWebhook,
  saveDelivery,
  waitingDeliveries,
} from "../store/webhook.ts";
import { setAlarm } from "./alarm.ts";
import type { Ledger, Tx } from "./commit.ts";
import type { Log } from "./log.ts";
import { webhookMessage } from "./webhook-message.ts";

/** What an address gets to answer, in milliseconds. */
const ANSWER_MS = 15_000;
/** Pauses between tries, in seconds, as Standard Webhooks recommends; after the last one a delivery has failed. */
const PAUSES_S = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** Deliveries that are looked at together: enough that one address that does not answer holds up no other. */
const BATCH = 500;
/** The address is gone for good (RFC 9110, section 15.5.11). */
const GONE = 410;

/** Brings notices to the addresses that asked for them, at least once, over restarts too. */
export class Webhooks {
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #busy = new Map<WebhookId, Promise<Delivery>>();
  readonly #closing = new AbortController();
  #alarm: ReturnType<typeof setTimeout> | null = null;

  constructor(ledger: Ledger, log: Log) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** Puts a notice on its way to everyone who asked for it, in the caller's transaction; `deliver` sends it. */
  enqueue({ db }: Tx, notice: Notice): void {
    for (const webhook of listWebhooks(db)) {
      const isHere = webhook.workspace === null || webhook.workspace === notice.workspace;
      if (webhook.disabled || !isHere || !webhook.on.includes(notice.kind)) continue;
      insertDelivery(db, newDelivery(webhook.id, notice));
    }
  }

  /** Sends what is due, one at a time to each address, and comes back for the rest. */
  deliver(): void {
    if (this.#closing.signal.aborted) return;
    if (this.#alarm) clearTimeout(this.#alarm);
    this.#alarm = null;
    for (const delivery of waitingDeliveries(this.#ledger.db, BATCH)) {
      if (this.#busy.has(delivery.webhook)) continue;
      if (delivery.due > Date.now()) {
        this.#alarm = setAlarm(delivery.due, () => this.deliver());
        return;
      }
      this.send(delivery).catch((error: unknown) => this.#log.error("webhook-failed", { error }));
    }
  }

  /** Tries a delivery that is in the store now, and answers with what became of it. */
  async send(delivery: Delivery): Promise<Delivery> {
    const tried = this.#try(delivery);
    this.#busy.set(delivery.webhook, tried);
    try {
      return await tried;
    } finally {
      this.#busy.delete(delivery.webhook);
      this.deliver();
    }
  }

  /** Resolves when nothing is written any more; what was not delivered is, by the next daemon. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#alarm) clearTimeout(this.#alarm);
    await Promise.allSettled(this.#busy.values());
  }

  async #try(delivery: Delivery): Promise<Delivery> {
    const found = readWebhook(this.#ledger.db, delivery.webhook);
    if (!found) return delivery;
    const { ok, gone, answer } = await this.#post(
      found.webhook.url,
      webhookMessage(delivery, found.secret, Date.now()),
    );
    if (this.#closing.signal.aborted) return delivery;
    const tried = { ...delivery, ...judge({ ok, gone }, delivery.tries, Date.now()), answer };
    this.#ledger.commit(({ db }) => {
      saveDelivery(db, tried);
      if (gone) disableWebhook(db, delivery.webhook);
    });
    return tried;
  }

  async #post(
    url: string,
    { headers, body }: ReturnType<typeof webhookMessage>,
  ): Promise<{ ok: boolean; gone: boolean; answer: string }> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
      await response.body?.cancel();
      return { ok: response.ok, gone: response.status === GONE, answer: String(response.status) };
    } catch (error) {
      return { ok: false, gone: false, answer: error instanceof Error ? error.message : String(error) };
    }
  }
}

export function newDelivery(webhook: WebhookId, notice: Notice): Delivery {
  return { id: newId("msg"), webhook, notice, state: "waiting", tries: 0, due: notice.at, answer: null };
}

function judge(
  { ok, gone }: { ok: boolean; gone: boolean },
  before: number,
  now: number,
): Pick<Delivery, "state" | "tries" | "due"> {
  const tries = before + 1;
  const pause = gone ? undefined : PAUSES_S[before];
  if (ok) return { state: "delivered", tries, due: now };
  return pause === undefined
    ? { state: "failed", tries, due: now }
    : { state: "waiting", tries, due: now + pause * 1_000 };
}
