import type { Approval } from "../protocol/approval.ts";
import type { Db } from "../sqlite/database.ts";
import { appendAudit } from "../store/audit.ts";

/** The longest title of a call that is kept with its decision, in characters; the whole call is with its approval. */
const MAX_TITLE = 200;

/** Writes down a decision, in the transaction that makes it. @param before the approval as it was; absent: it is new */
export function auditDecision(db: Db, before: Approval | undefined, approval: Approval): void {
  const { status, call } = approval;
  if (status.state !== "decided" || before?.status.state === "decided") return;
  appendAudit(db, {
    type: "decision",
    at: status.at,
    by: status.by,
    verdict: status.verdict,
    grant: status.grant,
    approval: approval.id,
    session: approval.session,
    task: approval.task,
    tool: call.tool,
    title: call.title.slice(0, MAX_TITLE).toWellFormed(),
    call: approval.inputHash,
    rules: status.rules ?? [],
    because: status.because ?? null,
    reason: status.reason ?? null,
  });
}
