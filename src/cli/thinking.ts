import type { Thinking } from "../protocol/thinking.ts";

export const THINKING = ["off", "minimal", "low", "medium", "high", "xhigh"] as const satisfies Thinking[];

export const THINKING_FLAG = {
  value: "LEVEL",
  choices: THINKING,
  help: "how long the model thinks; dispatch agents says what each agent can be told",
} as const;
