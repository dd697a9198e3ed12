import { formatDuration } from "../core/duration.ts";
import type { Usage } from "../protocol/session.ts";
import type { Budget, Spent, Tree } from "../protocol/task.ts";

const CENT = 0.01;

/** What was used, `$4.10, 200k tokens`; nothing where nothing was reported. */
export function spentText({ dollars, tokens }: Spent): string {
  return [dollars > 0 ? dollarText(dollars) : "", tokens > 0 ? tokenText(tokens) : ""]
    .filter((part) => part !== "")
    .join(", ");
}

/**
 * The same, against the budget where there is one: `$4.10 of $5.00, 12m of 30m of work`.
 * @param workedMs how long was worked, where that is known
 */
export function spentOfText(spent: Spent, budget: Budget | null, workedMs?: number): string {
  if (budget === null) return spentText(spent);
  const dollars =
    budget.dollars === undefined ? [] : [`${dollarText(spent.dollars)} of ${dollarText(budget.dollars)}`];
  const tokens =
    budget.tokens === undefined ? [] : [`${tokenCount(spent.tokens)} of ${tokenText(budget.tokens)}`];
  const time =
    budget.timeMs === undefined || workedMs === undefined
      ? []
      : [`${formatDuration(workedMs)} of ${formatDuration(budget.timeMs)} of work`];
  const parts = [...dollars, ...tokens];
  return [...(parts.length === 0 ? [spentText(spent)] : parts), ...time]
    .filter((part) => part !== "")
    .join(", ");
}

/** `with 3 tasks handed over from it: $4.10, 200k tokens, 2h of work`; nothing where there are none. */
export function treeText({ tasks, spent, workedMs }: Tree): string {
  if (tasks === 0) return "";
  const sums = [spentText(spent), `${formatDuration(workedMs)} of work`].filter((part) => part !== "");
  return `with ${tasks === 1 ? "1 task" : `${tasks} tasks`} handed over from it: ${sums.join(", ")}`;
}

/** What a session's agent reported over its life; empty where it reported none. */
export function usageText({ cost, currency = "USD", inputTokens, outputTokens }: Usage): {
  cost: string;
  tokens: string;
} {
  const money = cost === undefined ? "" : currency === "USD" ? dollarText(cost) : `${cost} ${currency}`;
  const isTold = inputTokens !== undefined || outputTokens !== undefined;
  const counts = `${tokenCount(inputTokens ?? 0)} in, ${tokenCount(outputTokens ?? 0)} out`;
  return { cost: money, tokens: isTold ? counts : "" };
}

/** `12000 of 200000 tokens`. */
export function contextText({ contextTokens = 0, contextWindow }: Usage): string {
  return `${contextTokens}${contextWindow === undefined ? "" : ` of ${contextWindow}`} tokens`;
}

function dollarText(dollars: number): string {
  return `$${dollars.toFixed(dollars > 0 && dollars < CENT ? 4 : 2)}`;
}

function tokenText(tokens: number): string {
  return `${tokenCount(tokens)} tokens`;
}

function tokenCount(tokens: number): string {
  if (tokens >= 1_000_000) return `${(tokens / 1_000_000).toFixed(1)}M`;
  return tokens >= 1_000 ? `${Math.round(tokens / 1_000)}k` : String(tokens);
}
