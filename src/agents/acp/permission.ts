import type { PermissionOptionKind, RequestPermissionOutcome } from "@agentclientprotocol/sdk";
import type { Verdict } from "../../protocol/approval.ts";
import type { PermissionRequest } from "./messages.ts";

/**
 * The kind of option that tells a verdict. Ids and names are the product's own; "always" is never told, since it is
 * ours to remember: an agent that was told "always" would not ask again.
 */
const KIND: Record<Verdict, PermissionOptionKind> = { allow: "allow_once", deny: "reject_once" };

export const CANCELLED: RequestPermissionOutcome = { outcome: "cancelled" };

/** A verdict in the agent's own words; null where it offers none that says just this. */
export function outcomeOf(
  verdict: Verdict,
  options: PermissionRequest["options"],
): RequestPermissionOutcome | null {
  const option = options.find(({ kind }) => kind === KIND[verdict]);
  return option ? { outcome: "selected", optionId: option.optionId } : null;
}
