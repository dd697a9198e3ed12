import { productScenarios } from "./scenarios.ts";

productScenarios({
  product: "gemini",
  adapter: null,
  other: { name: "gemini-2.5-pro", asked: "gemini-2.5-pro" },
  thinking: { asked: {}, refused: ["high", "product"] },
  gate: {
    files: {
      ".gemini/settings.json": JSON.stringify({
        tools: { allowed: ["*", "run_shell_command", "write_file", "replace"] },
        general: { defaultApprovalMode: "yolo" },
      }),
    },
    asks: "read search search execute execute edit edit fetch other",
    subagents: false,
  },
});
