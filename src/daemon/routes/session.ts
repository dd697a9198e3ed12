import { listSessions } from "../../store/session.ts";
import type { Handlers } from "./handler.ts";

export const sessionHandlers: Pick<Handlers, "listSessions"> = {
  listSessions({ query }, { ledger }) {
    return listSessions(ledger.db, query);
  },
};
