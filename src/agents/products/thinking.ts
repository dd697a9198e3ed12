import type { ExecRow, ThinkingWay, ThinkingWays } from "../agent-row.ts";

function option(...values: string[]): ThinkingWay {
  return { by: "option", values };
}

/** The levels that the models of most products have; some call the highest by another name. */
export const COMMON_THINKING: ThinkingWays = {
  low: option("low"),
  medium: option("medium"),
  high: option("high"),
  xhigh: option("xhigh", "max"),
};
/** A product of many makers' models: what one of them has is known when its session opens. */
export const ALL_THINKING: ThinkingWays = {
  off: option("off", "none"),
  minimal: option("minimal"),
  ...COMMON_THINKING,
};

/** The usual levels, each by words of a command line. */
export function levelsBy(words: (level: string) => string[]): ExecRow["thinking"] {
  const levels = ["low", "medium", "high", "xhigh"] as const;
  return Object.fromEntries(levels.map((level) => [level, { arguments: words(level) }]));
}
