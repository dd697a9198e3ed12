import { screenOf } from "../http/terminals.ts";
import type { Handlers } from "./handler.ts";

export const terminalHandlers: Pick<Handlers, "getScreen"> = {
  async getScreen({ params }, { ledger: { db }, home }) {
    return screenOf(db, home, params.session);
  },
};
