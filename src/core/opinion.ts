import type { Verdict } from "../protocol/approval.ts";
import type { RuleId } from "../protocol/id.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Rule, RuleMatch } from "../protocol/rule.ts";
import { offerFor } from "./offer.ts";
import { type ReadCall, type Scope, judge } from "./policy.ts";
import { type Place, isInForce } from "./rule.ts";

/** As many reasons as a person reads. */
const MAX_REASONS = 3;

/** What the policy says of a call; null: a person decides, and what is on offer are the rules that would allow it. */
export interface Opinion {
  readonly verdict: Verdict | null;
  readonly because: string;
  readonly rules: RuleId[];
  readonly offer: RuleMatch[];
}

export function opinionOf(read: ReadCall, rules: readonly Rule[], scope: Scope): Opinion {
  const judgement = judge(read, rules, scope);
  const deciding = judgement.parts.filter(({ effect }) => effect === judgement.effect);
  const reasons = [...new Set(deciding.map(({ because }) => because))].slice(0, MAX_REASONS);
  return {
    verdict: judgement.effect === "ask" ? null : judgement.effect,
    because: reasons.join("; "),
    rules: [...new Set(deciding.flatMap(({ rule }) => rule ?? []))],
    offer: judgement.effect === "ask" ? offerFor(read, judgement, scope) : [],
  };
}

/**
 * The preset that an agent itself is started with. Rules can only speak of calls that it asks about: where one may
 * refuse what the preset lets pass unasked, or allow what the preset keeps from being asked, it asks about all.
 */
export function gatePreset(
  permissions: Permissions,
  rules: readonly Rule[],
  place: Pick<Place, "workspace" | "session" | "now" | "also">,
): Permissions {
  const matters = rules
    .filter((rule) => isInForce(rule, place))
    .some(({ effect }) => effect !== "allow" || permissions === "read-only");
  return matters ? "ask" : permissions;
}
