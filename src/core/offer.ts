import type { GatedCall } from "../protocol/approval.ts";
import type { LinePart } from "../protocol/command-line.ts";
import type { Judgement, PartJudgement, RuleMatch } from "../protocol/rule.ts";
import { exactPattern } from "./command-pattern.ts";
import { isInside } from "./path.ts";
import type { ReadCall, Scope } from "./policy.ts";
import { isProtected } from "./protected-path.ts";

/** A line that needs more rules than this is decided each time. */
const MAX_OFFER = 10;

/**
 * The narrowest rules that would have allowed a call that asks: the exact commands and files of its line; the folder of
 * the agent for a file in it; else the tool. Empty where no rule could: it is not understood, it depends on what is only
 * known when it runs, or a rule wants to be asked.
 */
export function offerFor({ call, line }: ReadCall, judgement: Judgement, scope: Scope): RuleMatch[] {
  const asks = judgement.parts.flatMap((part, at) => (part.effect === "allow" ? [] : [{ part, at }]));
  if (call.tool.includes("*") || asks.some(({ part }) => part.rule !== null || part.effect === "deny"))
    return [];
  const offers = asks.map(({ part, at }) =>
    line ? lineOffer(call, line.parts[at]) : toolOffer(call, part, scope),
  );
  const whole = offers.flatMap((each) => each ?? []);
  const distinct = [...new Map(whole.map((each) => [JSON.stringify(each), each])).values()];
  return whole.length < offers.length || distinct.length > MAX_OFFER ? [] : distinct;
}

function lineOffer({ tool }: GatedCall, part: LinePart | undefined): RuleMatch | null {
  if (part?.type === "redirection")
    return part.path === null || isUnsure(part.path) ? null : { tool, command: null, path: part.path };
  if (part?.type !== "command") return null;
  const words = [...part.assignments, ...part.words].map(({ value }) => value);
  const literal = words.filter((value) => value !== null);
  return literal.length < words.length ? null : { tool, command: exactPattern(literal), path: null };
}

function toolOffer(
  { tool, kind, paths }: GatedCall,
  { text: path }: PartJudgement,
  scope: Scope,
): RuleMatch | null {
  if (paths.length > 0) {
    const reaches = isInside(path, scope.folder) && !isProtected(path, scope.folder) ? scope.folder : path;
    return isUnsure(reaches) ? null : { tool, command: null, path: reaches };
  }
  const needsMore = ["edit", "move", "delete", "execute", "switch_mode"].includes(kind);
  return needsMore ? null : { tool, command: null, path: null };
}

/** A path that would be read as a pattern, or that leads nowhere. */
function isUnsure(path: string): boolean {
  return /[*?]/.test(path) || !path.startsWith("/");
}
