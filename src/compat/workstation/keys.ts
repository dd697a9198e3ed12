import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import type { Client } from "../../client/client.ts";
import type { Session } from "../../protocol/session.ts";
import { senderOf } from "./sessions.ts";
import { Target, withSession } from "./target.ts";
import { command, ok } from "./wire.ts";

/** A key that Workstation types into a session, as what it stands for there. */
function key(
  type: string,
  press: (client: Client, session: Session, sender: string | null) => Promise<unknown>,
) {
  return command({
    payload: z.object({ targetSessionId: Target }),
    run: (desk, { targetSessionId }, sender) =>
      withSession(desk, targetSessionId, async (session) => {
        await press(desk.client, session, sender);
        return ok(type, { targetSessionId });
      }),
  });
}

export const sendInterrupt = key("send_interrupt", interrupt);
export const sendEscape = key("send_escape", interrupt);

/** Confirms what waits to be sent; an agent does not confirm for a person. */
export const sendEnter = key("send_enter", async (client, { id }, sender) => {
  const { messages } = await client.call("getSession", { session: id }, {});
  const held = messages.find(({ receipt }) => receipt.state === "held");
  if (!held) throw new DispatchError("conflict", "no message waits to be confirmed");
  if (await senderOf(client, sender)) throw new DispatchError("refused", "a person confirms a message");
  await client.call("decideMessage", { message: held.id }, { verdict: "release" });
});

function interrupt(client: Client, { id }: Session): Promise<unknown> {
  return client.call("interruptSession", { session: id }, {});
}
