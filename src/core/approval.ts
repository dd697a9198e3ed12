import { DispatchError } from "../base/error.ts";
import type { Approval, GatedCall, Grant, Verdict } from "../protocol/approval.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { judge } from "./policy.ts";
import { type Advance, type Facts, type Talk, isOpen, still, withWaiting } from "./run.ts";

/** Decides a gated call. Once: a second decision is told the first. */
export function decide<R extends Talk>(
  run: R,
  id: Approval["id"],
  decision: { verdict: Verdict; grant: Grant; reason?: string | undefined },
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

export function gated<R extends Talk>(
  run: R,
  event: Extract<TranscriptEvent, { type: "approval" }>,
  facts: Facts,
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
  const open = { ...run, approvals: [...run.approvals.filter((each) => each !== known), approval] };
  if (isEnding) return settle(open, approval, { verdict: "deny", grant: "once", by: "policy" }, facts);
  const verdict = isGranted(run, event.call)
    ? "allow"
    : judge(run.session.permissions, event.call, run.session.folder);
  if (verdict) return settle(open, approval, { verdict, grant: "once", by: "policy" }, facts);
  return still(withWaiting(open));
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

/** True when a person allowed the same tool for this session. */
function isGranted(run: Talk, call: GatedCall): boolean {
  return run.approvals.some(
    ({ session, call: earlier, status }) =>
      session === run.session.id &&
      earlier.tool === call.tool &&
      (status.state === "decided" || status.state === "applied") &&
      status.verdict === "allow" &&
      status.grant === "session",
  );
}

function settle<R extends Talk>(
  run: R,
  approval: Approval,
  decision: { verdict: Verdict; grant: Grant; by: "person" | "policy"; reason?: string },
  facts: Facts,
): Advance<R> {
  return {
    run: withApproval(run, approval.id, { state: "decided", at: facts.now, ...decision }),
    orders: [{ type: "decide", approval: approval.id, verdict: decision.verdict }],
  };
}
