import { decide, mustBeOpen } from "../core/approval.ts";
import type { Approval, Verdict } from "../protocol/approval.ts";
import type { Rule } from "../protocol/rule.ts";
import { getApproval } from "../store/approval.ts";
import { getSession } from "../store/session.ts";
import type { Tx } from "./commit.ts";
import { type LongerGrant, writeGrant } from "./grant.ts";
import { advanceEither } from "./run.ts";

/**
 * A person decides a gated call, of a task or of a session alone; once. An allow for longer makes rules.
 * @throws DispatchError `conflict` that tells the first decision, or that its agent is gone
 */
export function decideCall(
  tx: Tx,
  id: Approval["id"],
  { verdict, grant, forMs, reason }: LongerGrant & { verdict: Verdict; reason?: string | undefined },
): { approval: Approval; rules: Rule[] } {
  const approval = getApproval(tx.db, id)!;
  mustBeOpen(approval);
  const session = getSession(tx.db, approval.session)!;
  const { workspace } = session;
  const rules = verdict === "allow" ? writeGrant(tx, approval, { grant, forMs, workspace }) : [];
  const decision = { verdict, grant, reason, rules: rules.map((rule) => rule.id) };
  advanceEither(tx, session, {
    task: (run, facts) => decide(run, id, decision, facts),
    alone: (talk, facts) => decide(talk, id, decision, facts),
  });
  return { approval: getApproval(tx.db, id)!, rules };
}
