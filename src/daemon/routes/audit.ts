import { listAudit, verifyAudit } from "../../store/audit.ts";
import type { Handlers } from "./handler.ts";

export const auditHandlers: Pick<Handlers, "listAudit" | "verifyAudit"> = {
  listAudit({ query }, { ledger }) {
    return listAudit(ledger.db, query);
  },

  verifyAudit(_, { ledger }) {
    return verifyAudit(ledger.db);
  },
};
