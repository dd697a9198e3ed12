import type { Message } from "../../protocol/message.ts";
import type { Db } from "../../sqlite/database.ts";
import { findMessages, listMessages, messageText } from "../../store/message.ts";
import { getSession } from "../../store/session.ts";
import { acceptMessage, decideMessage, originOf, readyToTell } from "../message.ts";
import { mustFindSession, mustFindSessionNow } from "./find-session.ts";
import { only } from "./find.ts";
import type { Handlers } from "./handler.ts";

type MessageCalls = "sendMessage" | "listMessages" | "getMessage" | "decideMessage";

export const messageHandlers: Pick<Handlers, MessageCalls> = {
  async sendMessage({ params, body, commit }, parts) {
    const session = await mustFindSessionNow(parts, params.session);
    const origin = originOf(parts, body);
    readyToTell(parts, session, body.environment);
    const answer = commit((tx) => {
      const message = acceptMessage(tx, session, body, origin);
      return { message, session: getSession(tx.db, session.id)! };
    });
    parts.supervisor.attend(session.id);
    return answer;
  },

  listMessages({ params, query }, { ledger: { db } }) {
    return listMessages(db, mustFindSession(db, params.session).id, query);
  },

  getMessage({ params }, { ledger: { db } }) {
    const message = mustFindMessage(db, params.message);
    return { message: { ...message, text: messageText(db, message.id) } };
  },

  decideMessage({ params, body, commit }, parts) {
    const answer = commit((tx) => ({
      message: decideMessage(tx, mustFindMessage(tx.db, params.message), body),
    }));
    parts.supervisor.attend(answer.message.session);
    return answer;
  },
};

function mustFindMessage(db: Db, ref: string): Message {
  return only(findMessages(db, ref), ref, { noun: "message", list: "dispatch inbox" });
}
