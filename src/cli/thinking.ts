import type { Thinking } from "../protocol/thinking.ts";

const THINKING = ["off", "minimal", "low", "medium", "high", "xhigh"] as const satisfies Thinking[];

export const THINKING_FLAG = {
  value: "LEVEL",
  choices: THINKING,
  help: "how long the model thinks; dispatch agents says what each agent can be told",
} as const;

/** Where a level that was chosen can be taken back. */
export const LEVEL_FLAG = {
  value: "LEVEL",
  choices: [...THINKING, "default"],
  help: "how long the model thinks; default: as it does by itself",
} as const;
