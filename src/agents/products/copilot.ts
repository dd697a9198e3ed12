import type { AcpRow } from "../agent-row.ts";
import { ALL_THINKING } from "./thinking.ts";

export const copilot: AcpRow = {
  protocol: "acp",
  agent: "copilot",
  name: "GitHub Copilot CLI",
  program: {
    names: ["copilot"],
    versionArguments: ["--version"],
    login: {
      variables: ["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN", "COPILOT_PROVIDER_BASE_URL"],
      files: [],
      statusArguments: null,
      without: "unknown", // its login is in the system's keyring
    },
    install: "npm install -g @github/copilot",
    logIn: "copilot login",
  },
  command: { by: "program", arguments: ["--acp", "--no-auto-update"] },
  environment: {},
  variables: ["COPILOT_*", "GH_TOKEN", "GITHUB_TOKEN", "GH_HOST"],
  gates: { ask: {}, edits: {}, all: { arguments: ["--allow-all-tools"] }, "read-only": {} },
  ungated: "reading and searching files",
  plan: null,
  resume: { by: "load", replayEnds: "with the answer" },
  model: "set_config_option",
  thinking: ALL_THINKING,
  cost: null,
  workerTools: "files", // a server that it is passed is never started
  commandLine: "input",
};
