import type { Approval } from "../../protocol/approval.ts";
import type { Db } from "../../sqlite/database.ts";
import { findApprovals, listApprovalPage } from "../../store/approval.ts";
import { decideCall } from "../approval.ts";
import { mustFindSession } from "./find-session.ts";
import { only } from "./find.ts";
import type { Handlers } from "./handler.ts";

export const approvalHandlers: Pick<Handlers, "listApprovals" | "decide"> = {
  listApprovals({ query: { session, ...page } }, { ledger: { db } }) {
    return listApprovalPage(db, {
      ...page,
      session: session === undefined ? undefined : mustFindSession(db, session).id,
    });
  },

  decide({ params, body, commit }, parts) {
    const { id, session } = mustFindApproval(parts.ledger.db, params.approval);
    const answer = commit((tx) => decideCall(tx, id, body));
    parts.supervisor.attend(session);
    return answer;
  },
};

function mustFindApproval(db: Db, ref: string): Approval {
  return only(findApprovals(db, ref), ref, { noun: "approval", list: "dispatch inbox" });
}
