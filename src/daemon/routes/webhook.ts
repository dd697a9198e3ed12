import { DispatchError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { MAX_WEBHOOKS, type Webhook } from "../../protocol/webhook.ts";
import type { Db } from "../../sqlite/database.ts";
import {
  deleteWebhook,
  findWebhooks,
  insertDelivery,
  insertWebhook,
  listDeliveries,
  listWebhooks,
} from "../../store/webhook.ts";
import { newSecret } from "../webhook-message.ts";
import { newDelivery } from "../webhooks.ts";
import { findWorkspace } from "../workspace.ts";
import { only } from "./find.ts";
import type { Handlers } from "./handler.ts";

type WebhookCalls = "listWebhooks" | "addWebhook" | "removeWebhook" | "testWebhook" | "listDeliveries";

export const webhookHandlers: Pick<Handlers, WebhookCalls> = {
  listWebhooks(_, { ledger: { db } }) {
    return { webhooks: listWebhooks(db) };
  },

  addWebhook({ body, commit }, { ledger: { db } }) {
    const workspace = body.workspace === undefined ? null : findWorkspace(db, body.workspace).id;
    if (listWebhooks(db).length >= MAX_WEBHOOKS)
      throw new DispatchError("limited", `there are ${MAX_WEBHOOKS} webhooks already`, {
        hint: "dispatch webhooks",
      });
    const { url, on } = body;
    const webhook: Webhook = { id: newId("whk"), url, on, workspace, disabled: false, createdAt: Date.now() };
    const secret = newSecret();
    return commit((tx) => {
      insertWebhook(tx.db, webhook, secret);
      return { webhook, secret };
    });
  },

  removeWebhook({ params, commit }) {
    return commit(({ db }) => {
      const webhook = mustFindWebhook(db, params.webhook);
      deleteWebhook(db, webhook.id);
      return { webhook };
    });
  },

  async testWebhook({ params }, { ledger, webhooks }) {
    const webhook = mustFindWebhook(ledger.db, params.webhook);
    const delivery = newDelivery(webhook.id, {
      kind: "done",
      about: newId("test"),
      task: null,
      session: null,
      workspace: null,
      name: "test",
      text: "This is a test.",
      next: `dispatch webhooks`,
      at: Date.now(),
    });
    ledger.commit(({ db }) => insertDelivery(db, delivery));
    return { delivery: await webhooks.send(delivery) };
  },

  listDeliveries({ params }, { ledger: { db } }) {
    return { deliveries: listDeliveries(db, mustFindWebhook(db, params.webhook).id) };
  },
};

function mustFindWebhook(db: Db, ref: string): Webhook {
  return only(findWebhooks(db, ref), ref, {
    noun: "webhook",
    list: "dispatch webhooks",
    shown: ({ id, url }) => `${id} ${url}`,
  });
}
