import { z } from "zod";
import { callerEnvironment } from "../../client/environment.ts";
import type { CallInput } from "../../protocol/api.ts";
import { sessionRef, tool, words } from "../tool.ts";
import { releaseHint } from "../words.ts";

export const tell = tool({
  name: "dispatch_tell",
  description: "Send a message to a session. It is told in turn, or with steer at once, ending what runs.",
  input: z.strictObject({
    session: sessionRef,
    message: words,
    steer: z.boolean().optional(),
  }),
  async run(desk, { session, message: text, steer }) {
    const { client, sender, environment } = desk;
    const body: CallInput<"sendMessage"> = { text, ...sender, environment: callerEnvironment(environment) };
    if (steer) body.mode = "steer";
    const { message } = await client.call("sendMessage", { session }, body);
    const { receipt } = message;
    const place = receipt.state === "queued" ? ` at ${receipt.position}` : "";
    const hint = releaseHint(message, desk);
    return {
      facts: {
        session: message.session,
        message: message.id,
        receipt: receipt.state,
        ...(hint === null ? {} : { hint }),
      },
      text: [`Sent: ${receipt.state}${place}.`, ...(hint === null ? [] : [hint])].join(" "),
    };
  },
});
