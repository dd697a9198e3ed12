import type { Rule, RuleMatch } from "../protocol/rule.ts";
import { formatDuration } from "./duration.ts";

/** What a rule is about: `npm test (tool Bash)`. */
export function matchText({ tool, command, path }: RuleMatch): string {
  const what = command ?? path;
  if (what === null) return `tool ${tool ?? "*"}`;
  return tool === null ? what : `${what} (tool ${tool})`;
}

/** A rule in a few words, without where it holds. */
export function ruleLine(rule: Rule): string {
  return `${rule.effect} ${matchText(rule)}${scopeText(rule, Date.now())}`;
}

function scopeText({ session, until }: Rule, now: number): string {
  if (session !== null) return ", in this session";
  return until === null ? "" : `, for ${formatDuration(until - now)}`;
}
