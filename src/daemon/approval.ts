import { decide, mustBeOpen } from "../core/approval.ts";
import type { Approval, Grant, Verdict } from "../protocol/approval.ts";
import { getApproval } from "../store/approval.ts";
import { getSession } from "../store/session.ts";
import type { Tx } from "./commit.ts";
import { advanceEither } from "./run.ts";

/**
 * A person decides a gated call, of a task or of a session alone; once.
 * @throws DispatchError `conflict` that tells the first decision, or that its agent is gone
 */
export function decideCall(
  tx: Tx,
  id: Approval["id"],
  decision: { verdict: Verdict; grant: Grant; reason?: string | undefined },
): Approval {
  const approval = getApproval(tx.db, id)!;
  mustBeOpen(approval);
  advanceEither(tx, getSession(tx.db, approval.session)!, {
    task: (run, facts) => decide(run, id, decision, facts),
    alone: (talk, facts) => decide(talk, id, decision, facts),
  });
  return getApproval(tx.db, id)!;
}
