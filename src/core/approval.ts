import { DispatchError } from "../base/error.ts";
import type { Approval, Decision, GatedCall, Grant, Verdict } from "../protocol/approval.ts";
import type { RuleId } from "../protocol/id.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import type { Opinion } from "./opinion.ts";
import { type Advance, type Facts, type Talk, isOpen, still, withWaiting } from "./run.ts";

const AS_IT_ENDS = { grant: "once", by: "policy", because: "the session is being stopped" } as const;

/** Decides a gated call. Once: a second decision is told the first. */
export function decide<R extends Talk>(
  run: R,
  id: Approval["id"],
  decision: { verdict: Verdict; grant: Grant; reason?: string | undefined; rules?: RuleId[] },
  facts: Facts,
): Advance<R> {
  const approval = run.approvals.find((each) => each.id === id);
  if (!approval) throw new DispatchError("not_found", `no approval ${id}`);
  mustBeOpen(approval);
  const { reason, ...rest } = decision;
  return settle(run, approval, { ...rest, by: "person", ...(reason === undefined ? {} : { reason }) }, facts);
}

/** @throws DispatchError `conflict` that tells the first decision */
export function mustBeOpen({ status }: Approval): void {
  if (status.state === "withdrawn")
    throw new DispatchError("conflict", "the request was withdrawn: its agent is gone");
  if (status.state !== "open")
    throw new DispatchError(
      "conflict",
      `already decided: ${status.verdict === "allow" ? "allowed" : "denied"}`,
    );
}

/** The facts of an event of a session's log, and what the policy says of the calls in it. */
export interface Seen extends Facts {
  readonly judge: (call: GatedCall) => Opinion;
}

export function gated<R extends Talk>(
  run: R,
  event: Extract<TranscriptEvent, { type: "approval" }>,
  facts: Seen,
): Advance<R> {
  const known = run.approvals.find((each) => each.id === event.approval);
  const isEnding = run.session.status.state === "stopping";
  if (known?.status.state === "decided" && !isEnding)
    return { run, orders: [{ type: "decide", approval: known.id, verdict: known.status.verdict }] };
  const approval: Approval = {
    id: event.approval,
    session: run.session.id,
    task: run.session.task,
    epoch: run.session.epoch,
    call: event.call,
    inputHash: event.inputHash,
    status: { state: "open" },
    askedAt: known?.askedAt ?? facts.now,
  };
  const others = run.approvals.filter((each) => each !== known);
  const open = { ...run, approvals: [...others, approval] };
  if (isEnding) return settle(open, approval, { ...AS_IT_ENDS, verdict: "deny" }, facts);
  const { verdict, offer, because, rules } = facts.judge(event.call);
  if (verdict) return settle(open, approval, { verdict, grant: "once", by: "policy", because, rules }, facts);
  return still(withWaiting({ ...run, approvals: [...others, { ...approval, offer }] }));
}

export function applied<R extends Talk>(run: R, id: Approval["id"], facts: Facts): R {
  return {
    ...run,
    approvals: run.approvals.map((each) =>
      each.id === id && each.status.state === "decided"
        ? { ...each, status: { ...each.status, state: "applied", at: facts.now } }
        : each,
    ),
  };
}

export function withdrawOpenApprovals<R extends Talk>(run: R, facts: Facts): R {
  const status = { state: "withdrawn", at: facts.now } as const;
  return {
    ...run,
    approvals: run.approvals.map((each) => (isOpen(each) ? { ...each, status } : each)),
  };
}

export function withApproval<R extends Talk>(run: R, id: Approval["id"], status: Approval["status"]): R {
  return withWaiting({
    ...run,
    approvals: run.approvals.map((each) => (each.id === id && isOpen(each) ? { ...each, status } : each)),
  });
}

function settle<R extends Talk>(
  run: R,
  approval: Approval,
  decision: Omit<Decision, "at">,
  facts: Facts,
): Advance<R> {
  return {
    run: withApproval(run, approval.id, { state: "decided", at: facts.now, ...decision }),
    orders: [{ type: "decide", approval: approval.id, verdict: decision.verdict }],
  };
}
