import { screenOf } from "../http/terminals.ts";
import type { Handlers } from "./handler.ts";

export const terminalHandlers: Pick<Handlers, "getScreen"> = {
  async getScreen({ params, query }, { ledger: { db }, home }) {
    return screenOf(db, home, params.session, query);
  },
};
