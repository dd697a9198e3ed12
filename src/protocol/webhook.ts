import { z } from "zod";
import { WebhookId, WorkspaceId } from "./id.ts";
import { Notice, NoticeKind } from "./notice.ts";

/** Webhooks at the most: each of them is told of everything. */
export const MAX_WEBHOOKS = 50;

/** An address that is told of what happens. `workspace` null: of every one. */
export const Webhook = z.object({
  id: WebhookId,
  url: z.string(),
  on: z.array(NoticeKind),
  workspace: WorkspaceId.nullable(),
  /** Set when the address said that it is gone for good (410), and no more is sent there. */
  disabled: z.boolean(),
  createdAt: z.number(),
});
export type Webhook = z.infer<typeof Webhook>;

/** One notice on its way to one webhook. `due`: when it is tried next; `answer` is the last one, a status or an error. */
export const Delivery = z.object({
  id: z.string(),
  webhook: WebhookId,
  notice: Notice,
  state: z.enum(["waiting", "delivered", "failed"]),
  tries: z.number().int().nonnegative(),
  due: z.number(),
  answer: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

export const WebhookRequest = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "it is no http or https address" })
    .max(2_000)
    .refine((url) => !URL.parse(url)?.username && !URL.parse(url)?.password, {
      error: "it holds a password, which every list would show",
    }),
  on: z.array(NoticeKind).min(1).default(["done", "failed", "needs-you"]),
  workspace: z.string().optional(),
});
export type WebhookRequest = z.infer<typeof WebhookRequest>;
