import { productScenarios } from "./scenarios.ts";

productScenarios({
  product: "claude",
  adapter: "claude-agent-acp",
  other: { name: "haiku", asked: "claude-haiku-5-5" },
});
