import { DispatchError } from "../base/error.ts";
import type { Approval, GatedCall, Grant, Verdict } from "../protocol/approval.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { judge } from "./policy.ts";
import { type Advance, type Facts, type Run, endingOf, isOpen, still, withWaiting } from "./run.ts";

/** Decides a gated call. Once: a second decision is told the first. */
export function decide(
  run: Run,
  id: Approval["id"],
  decision: { verdict: Verdict; grant: Grant; reason?: string | undefined },
  facts: Facts,
): Advance {
  const approval = run.approvals.find((each) => each.id === id);
  if (!approval) throw new DispatchError("not_found", `no approval ${id}`);
  const status = approval.status;
  if (status.state === "withdrawn")
    throw new DispatchError("conflict", "the request was withdrawn: its agent is gone");
  if (status.state !== "open")
    throw new DispatchError(
      "conflict",
      `already decided: ${status.verdict === "allow" ? "allowed" : "denied"}`,
    );
  const { reason, ...rest } = decision;
  return settle(run, approval, { ...rest, by: "person", ...(reason === undefined ? {} : { reason }) }, facts);
}

export function gated(
  run: Run,
  event: Extract<TranscriptEvent, { type: "approval" }>,
  facts: Facts,
): Advance {
  const known = run.approvals.find((each) => each.id === event.approval);
  if (known?.status.state === "decided" && !endingOf(run.task))
    return { run, orders: [{ type: "decide", approval: known.id, verdict: known.status.verdict }] };
  const approval: Approval = {
    id: event.approval,
    session: run.session.id,
    task: run.task.id,
    epoch: run.session.epoch,
    call: event.call,
    inputHash: event.inputHash,
    status: { state: "open" },
    askedAt: known?.askedAt ?? facts.now,
  };
  const open = { ...run, approvals: [...run.approvals.filter((each) => each !== known), approval] };
  if (endingOf(run.task))
    return settle(open, approval, { verdict: "deny", grant: "once", by: "policy" }, facts);
  const verdict = isGranted(run, event.call)
    ? "allow"
    : judge(run.task.permissions, event.call, run.session.folder);
  if (verdict) return settle(open, approval, { verdict, grant: "once", by: "policy" }, facts);
  return still(withWaiting(open));
}

export function applied(run: Run, id: Approval["id"], facts: Facts): Run {
  return {
    ...run,
    approvals: run.approvals.map((each) =>
      each.id === id && each.status.state === "decided"
        ? { ...each, status: { ...each.status, state: "applied", at: facts.now } }
        : each,
    ),
  };
}

export function withdrawOpenApprovals(run: Run, facts: Facts): Run {
  const status = { state: "withdrawn", at: facts.now } as const;
  return {
    ...run,
    approvals: run.approvals.map((each) => (isOpen(each) ? { ...each, status } : each)),
  };
}

export function withApproval(run: Run, id: Approval["id"], status: Approval["status"]): Run {
  return withWaiting({
    ...run,
    approvals: run.approvals.map((each) => (each.id === id && isOpen(each) ? { ...each, status } : each)),
  });
}

/** True when a person allowed the same tool for this session. */
function isGranted(run: Run, call: GatedCall): boolean {
  return run.approvals.some(
    ({ session, call: earlier, status }) =>
      session === run.session.id &&
      earlier.tool === call.tool &&
      (status.state === "decided" || status.state === "applied") &&
      status.verdict === "allow" &&
      status.grant === "session",
  );
}

function settle(
  run: Run,
  approval: Approval,
  decision: { verdict: Verdict; grant: Grant; by: "person" | "policy"; reason?: string },
  facts: Facts,
): Advance {
  return {
    run: withApproval(run, approval.id, { state: "decided", at: facts.now, ...decision }),
    orders: [{ type: "decide", approval: approval.id, verdict: decision.verdict }],
  };
}
