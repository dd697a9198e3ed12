import type { WebhookId } from "../protocol/id.ts";
import type { Delivery, Webhook } from "../protocol/webhook.ts";
import type { Db } from "../sqlite/database.ts";
import { findDocuments, readDocuments, saveDocument } from "./document.ts";

/** Deliveries of a webhook that are kept; older ones that are over are forgotten. */
const KEPT_DELIVERIES = 200;

/** @param secret what its messages are signed with */
export function insertWebhook(db: Db, webhook: Webhook, secret: string): void {
  db.run("INSERT INTO webhook (id, body, secret) VALUES ($id, $body, $secret)", {
    id: webhook.id,
    body: JSON.stringify(webhook),
    secret,
  });
}

export function disableWebhook(db: Db, id: WebhookId): void {
  db.run("UPDATE webhook SET body = json_set(body, '$.disabled', json('true')) WHERE id = $id", { id });
}

/** Oldest first. */
export function listWebhooks(db: Db): Webhook[] {
  return readDocuments(db, "SELECT body FROM webhook ORDER BY id");
}

/** The webhooks that `ref` can mean: an id, or the prefix of one. */
export function findWebhooks(db: Db, ref: string): Webhook[] {
  return findDocuments(db, "webhook", ref);
}

/** The webhook of a delivery with its secret; null when it was removed. */
export function readWebhook(db: Db, id: WebhookId): { webhook: Webhook; secret: string } | null {
  const row = db.get<{ body: string; secret: string }>("SELECT body, secret FROM webhook WHERE id = $id", {
    id,
  });
  return row && { webhook: JSON.parse(row.body) as Webhook, secret: row.secret };
}

/** With everything that was on its way to it. */
export function deleteWebhook(db: Db, id: WebhookId): void {
  db.run("DELETE FROM delivery WHERE webhook = $id", { id });
  db.run("DELETE FROM webhook WHERE id = $id", { id });
}

/** Puts a notice on its way. */
export function insertDelivery(db: Db, delivery: Delivery): void {
  const { id, webhook } = delivery;
  db.run("INSERT INTO delivery (id, body) VALUES ($id, $body)", {
    id,
    body: JSON.stringify(delivery),
  });
  db.run(
    `DELETE FROM delivery WHERE webhook = $webhook AND state <> 'waiting' AND place <=
       (SELECT place FROM delivery WHERE webhook = $webhook ORDER BY place DESC LIMIT 1 OFFSET ${KEPT_DELIVERIES})`,
    { webhook },
  );
}

export function saveDelivery(db: Db, delivery: Delivery): void {
  saveDocument(db, "delivery", delivery);
}

/** The first `limit` that are to be tried, in that order. */
export function waitingDeliveries(db: Db, limit: number): Delivery[] {
  return readDocuments(
    db,
    "SELECT body FROM delivery WHERE state = 'waiting' ORDER BY due, place LIMIT $limit",
    { limit },
  );
}

/** Newest first. */
export function listDeliveries(db: Db, webhook: WebhookId): Delivery[] {
  return readDocuments(
    db,
    `SELECT body FROM delivery WHERE webhook = $webhook ORDER BY place DESC LIMIT ${KEPT_DELIVERIES}`,
    { webhook },
  );
}
