import { productScenarios } from "./scenarios.ts";

productScenarios({
  product: "gemini",
  adapter: null,
  other: { name: "gemini-2.5-pro", asked: "gemini-2.5-pro" },
  thinking: { asked: {}, refused: ["high", "product"] },
});
