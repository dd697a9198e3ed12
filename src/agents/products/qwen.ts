import type { AcpRow, ExecRow } from "../agent-row.ts";
import { GEMINI_EXITS } from "./gemini.ts";

function approval(mode: string) {
  return { arguments: ["--approval-mode", mode] };
}

export const qwen: AcpRow = {
  protocol: "acp",
  agent: "qwen",
  name: "Qwen Code",
  program: {
    names: ["qwen"],
    versionArguments: ["--version"],
    login: {
      variables: ["OPENAI_API_KEY", "DASHSCOPE_API_KEY", "BAILIAN_CODING_PLAN_API_KEY"],
      files: [{ variable: "QWEN_HOME", folder: ".qwen", path: "oauth_creds.json" }],
      statusArguments: null,
      without: "unknown",
    },
    install: "npm install -g @qwen-code/qwen-code",
    logIn: "qwen",
  },
  command: { by: "program", arguments: ["--acp"] },
  environment: { QWEN_CODE_NO_RELAUNCH: "true" },
  variables: ["OPENAI_*", "DASHSCOPE_API_KEY", "BAILIAN_CODING_PLAN_API_KEY", "QWEN_*"],
  folders: { by: "option", option: "--include-directories", list: true },
  gates: {
    ask: approval("default"),
    edits: approval("default"),
    all: approval("yolo"),
    "read-only": approval("default"),
  },
  ungated:
    "reading files, commands that it knows to be harmless, and what the repository's .qwen/settings.json allows or starts",
  plan: { in: "plan" },
  resume: { by: "load", replayEnds: "with the answer" },
  model: "set_model",
  thinking: {},
  cost: null,
  workerTools: "files", // a server's tools are found by a search only
  commandLine: "title",
};

/** `qwen -p`: what it may not do unasked is denied. */
export const qwenExec: ExecRow = {
  protocol: "exec",
  agent: "qwen-exec",
  name: "Qwen Code",
  program: qwen.program,
  verb: null,
  dropped: ["-p", "--prompt"],
  options: [{ names: ["-o", "--output-format"], value: "stream-json" }],
  permissionOptions: [
    "-y",
    "--yolo",
    "--approval-mode",
    "--allowed-tools",
    "--core-tools",
    "--include-directories",
    "--add-dir",
  ],
  environment: qwen.environment,
  variables: qwen.variables,
  folders: qwen.folders!,
  gates: { ask: null, edits: approval("auto-edit"), all: approval("yolo"), "read-only": approval("plan") },
  ungated: qwen.ungated,
  input: { by: "stdin" },
  output: "claude",
  plan: true,
  resume: ["--resume"],
  model: "-m",
  thinking: {},
  cost: null,
  tokens: "session",
  workerTools: "files",
  server: null,
  exits: GEMINI_EXITS,
};
