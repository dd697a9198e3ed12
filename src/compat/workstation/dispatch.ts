import { z } from "zod";
import { MAX_MESSAGE_BYTES } from "../../protocol/limit.ts";
import type { Message } from "../../protocol/message.ts";
import { Words } from "../../protocol/words.ts";
import { senderOf } from "./sessions.ts";
import { Target, withSession } from "./target.ts";
import { command, missing, ok } from "./wire.ts";

/** Of the size that every session takes, and not of Workstation's 4096 characters. */
export const MessageText = z
  .string(missing("message"))
  .refine((text) => Words.safeParse(text).success, missing("message"))
  .refine(
    (text) => Buffer.byteLength(text) <= MAX_MESSAGE_BYTES,
    `message exceeds maximum length (${MAX_MESSAGE_BYTES})`,
  );

/** Answered when the message is on disk: `ok` never means that something was typed somewhere. */
export const dispatch = command({
  payload: z.object({ targetSessionId: Target, message: MessageText }),
  run: (desk, { targetSessionId, message: text }, sender) =>
    withSession(desk, targetSessionId, async ({ id }) => {
      const from = await senderOf(desk.client, sender);
      const request = from ? { text, fromSession: from.id } : { text };
      const { message } = await desk.client.call("sendMessage", { session: id }, request);
      return ok("dispatch", { targetSessionId, ...sent(message) });
    }),
});

/** What a person has to release first is what Workstation calls confirmed before it is sent. */
export function sent({ id, receipt }: Message, more: object = {}): object {
  return { confirmBeforeSend: receipt.state === "held", ...more, messageId: id, receipt };
}
