import { productScenarios } from "./scenarios.ts";

productScenarios({
  product: "opencode",
  adapter: null,
  other: { name: "scripted/scripted-other", asked: "scripted-other" },
  thinking: { asked: { low: "low", high: "high" }, refused: ["xhigh", "model"] },
});
