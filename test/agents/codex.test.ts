import { productScenarios } from "./scenarios.ts";

productScenarios({
  product: "codex",
  adapter: "codex-acp",
  other: { name: "gpt-5.5", asked: "gpt-5.5" },
  thinking: { asked: { low: "low", high: "high", xhigh: "xhigh" }, refused: ["minimal", "product"] },
  gate: {
    files: { ".codex/config.toml": 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n' },
    asks: "execute execute edit edit",
    subagents: false,
  },
});
