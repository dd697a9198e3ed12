import type { Usage } from "../protocol/session.ts";
import type { Spent } from "../protocol/task.ts";

/**
 * Adds what an agent reports to its session's sums: the tokens are those of one turn, the cost is the session's so far.
 * `spent` is what this report adds; money in another currency than dollars is shown, and counts for no budget.
 */
export function withReport(usage: Usage, report: Usage): { usage: Usage; spent: Spent } {
  const { inputTokens = 0, outputTokens = 0, cost, currency = "USD" } = report;
  const more = Math.max(0, (cost ?? 0) - (usage.cost ?? 0));
  const sums: Usage = { ...usage };
  if (report.contextTokens !== undefined) sums.contextTokens = report.contextTokens;
  if (report.contextWindow !== undefined) sums.contextWindow = report.contextWindow;
  if (report.inputTokens !== undefined) sums.inputTokens = (usage.inputTokens ?? 0) + inputTokens;
  if (report.outputTokens !== undefined) sums.outputTokens = (usage.outputTokens ?? 0) + outputTokens;
  if (cost !== undefined) Object.assign(sums, { cost: (usage.cost ?? 0) + more, currency });
  return {
    usage: sums,
    spent: { dollars: currency === "USD" ? more : 0, tokens: inputTokens + outputTokens },
  };
}
