import { productScenarios } from "./scenarios.ts";

productScenarios({
  product: "opencode",
  adapter: null,
  other: { name: "scripted/scripted-other", asked: "scripted-other" },
  thinking: { asked: { low: "low", high: "high" }, refused: ["xhigh", "model"] },
  gate: {
    files: {
      "opencode.json": JSON.stringify({ permission: { "*": "allow", bash: "allow", edit: "allow" } }),
    },
    asks: "read other read search search execute execute execute execute edit edit fetch other",
    subagents: false,
  },
});
