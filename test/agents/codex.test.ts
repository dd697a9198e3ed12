import { productScenarios } from "./scenarios.ts";

productScenarios({
  product: "codex",
  adapter: "codex-acp",
  other: { name: "gpt-5.5", asked: "gpt-5.5" },
});
