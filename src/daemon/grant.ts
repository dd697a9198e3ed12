import { DispatchError } from "../base/error.ts";
import { newId } from "../base/id.ts";
import type { Approval, Grant } from "../protocol/approval.ts";
import type { WorkspaceId } from "../protocol/id.ts";
import type { Rule } from "../protocol/rule.ts";
import { appendAudit } from "../store/audit.ts";
import { deleteExpiredRules, insertRule, listRules } from "../store/rule.ts";
import type { Tx } from "./commit.ts";

/** Every call is judged by all of them. */
const MAX_RULES = 1_000;

/** What a person granted beyond one call. `forMs` goes with `until`. */
export interface LongerGrant {
  readonly grant: Grant;
  readonly forMs?: number | undefined;
}

/**
 * Writes the rules that an approval has on offer, as far as a grant reaches.
 * @throws DispatchError `refused` when the call can only be allowed once
 */
export function writeGrant(
  tx: Tx,
  approval: Approval,
  given: LongerGrant & { workspace: WorkspaceId },
): Rule[] {
  const { grant, forMs, workspace } = given;
  if (grant === "once") return [];
  if (grant === "until" && forMs === undefined) throw new DispatchError("invalid", "`until` needs `forMs`");
  const offer = approval.offer ?? [];
  if (offer.length === 0)
    throw new DispatchError(
      "refused",
      "this call can only be allowed once: no rule names just what it does",
      {
        hint: `dispatch approve ${approval.task ?? approval.session} ${approval.id}`,
      },
    );
  const now = Date.now();
  return offer.map((match) =>
    writeRule(tx, {
      ...match,
      id: newId("rul"),
      effect: "allow",
      workspace,
      session: grant === "session" ? approval.session : null,
      until: grant === "until" ? now + forMs! : null,
      note: null,
      createdBy: "approval",
      createdAt: now,
    }),
  );
}

/** Writes a rule, and that it was made. @throws DispatchError `limited` */
export function writeRule({ db }: Tx, rule: Rule): Rule {
  deleteExpiredRules(db, rule.createdAt);
  if (listRules(db, rule.createdAt).length >= MAX_RULES)
    throw new DispatchError("limited", `there are ${MAX_RULES} rules already`, { hint: "dispatch rules" });
  insertRule(db, rule);
  appendAudit(db, { type: "rule_added", at: rule.createdAt, rule });
  return rule;
}
