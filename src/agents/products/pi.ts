import type { AcpRow } from "../agent-row.ts";
import { ALL_THINKING } from "./thinking.ts";

export const pi: AcpRow = {
  protocol: "acp",
  agent: "pi",
  name: "pi",
  program: {
    names: ["pi"],
    versionArguments: ["--version"],
    login: {
      variables: ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"],
      files: [{ variable: "PI_CODING_AGENT_DIR", folder: ".pi/agent", path: "auth.json" }],
      statusArguments: null,
      without: "unknown", // a provider of its models.json may need none
    },
    install: "npm install -g @earendil-works/pi-coding-agent",
    logIn: "pi",
  },
  command: { by: "adapter", adapter: "pi-acp", program: "PI_ACP_PI_COMMAND" },
  environment: {},
  variables: ["PI_*", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"],
  gates: { ask: {}, edits: {}, all: {}, "read-only": {} },
  ungated: "everything: it never asks",
  plan: null,
  resume: { by: "load", replayEnds: "with the answer" },
  model: "set_config_option",
  thinking: ALL_THINKING,
  cost: "session",
  workerTools: "files",
  commandLine: "input",
};
