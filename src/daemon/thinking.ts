import { thinkingLevels } from "../agents/thinking.ts";
import { DispatchError } from "../base/error.ts";
import type { Config } from "../protocol/config.ts";
import type { ModelChoice } from "../protocol/task.ts";
import type { Thinking } from "../protocol/thinking.ts";
import { rowOf } from "./known-agents.ts";

/**
 * The level of thinking, where the model's agent can be told it. What one of its models lacks shows when it opens.
 * @throws DispatchError `invalid` with the levels that the agent has
 */
export function checkThinking(
  level: Thinking | null | undefined,
  { agent }: ModelChoice,
  config: Config,
): Thinking | null {
  if (level === undefined || level === null) return null;
  const row = rowOf(config, agent);
  const levels = thinkingLevels(row);
  if (levels.includes(level)) return level;
  const name = row.agent === agent ? row.name : agent;
  if (levels.length === 0)
    throw new DispatchError("invalid", `${name} has no thinking levels`, { hint: "leave --thinking out" });
  throw new DispatchError("invalid", `${name} has no thinking level ${level}`, {
    hint: `--thinking ${levels.at(-1)}`,
    candidates: levels,
  });
}
