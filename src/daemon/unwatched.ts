import type { Config } from "../protocol/config.ts";
import type { Budget, Task } from "../protocol/task.ts";
import { rowOf } from "./known-agents.ts";

/**
 * What is said of budgets of money for agents that never say what they cost, once for each agent.
 * @param shared the budget that the tasks have together
 */
export function unwatchedMoney(
  tasks: readonly Pick<Task, "budget" | "model">[],
  config: Config,
  shared: Budget | null = null,
): string[] {
  const amounts = new Map<string, Set<number>>();
  for (const { budget, model } of tasks) {
    const money = [budget?.dollars, shared?.dollars].filter((dollars) => dollars !== undefined);
    if (money.length === 0 || rowOf(config, model.agent).cost !== null) continue;
    amounts.set(model.agent, new Set([...(amounts.get(model.agent) ?? []), ...money]));
  }
  return [...amounts].map(([agent, [first, ...more]]) => {
    const limits = more.length === 0 ? `$${first} limits` : "money limits";
    return `${agent} reports no cost, so that ${limits} nothing of its work: give tokens, such as 500ktok`;
  });
}
