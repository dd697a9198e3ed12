import { attentionOf } from "../report.ts";
import type { Handlers } from "./handler.ts";

export const attentionHandlers: Pick<Handlers, "getAttention"> = {
  getAttention(_, { ledger }) {
    return attentionOf(ledger.db);
  },
};
